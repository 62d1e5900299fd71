import type { Database, UserId } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import {
  deleteReflectionRow,
  holdReflection,
  journalDay,
  type ReflectionKey,
  reflectionOfDay,
  upsertReflection,
} from './queries.ts'
import { checkVersion, decideWrite, type ReflectionRow, type WriteRequest, type Written } from './rules.ts'

/** Writes down what one thinks about a day. What stands there already, word for word, is left as it is. */
export async function writeReflection(tx: Database, ownerId: UserId, request: WriteRequest): Promise<Written> {
  const day = await journalDay(tx, ownerId, request)
  const status = decideWrite(request, day)
  const place = { date: day.date, type: request.type }
  const reflection =
    status === 'UNCHANGED'
      ? await reflectionOfDay(tx, ownerId, place)
      : await upsertReflection(tx, ownerId, { ...place, message: request.message })
  return { status, reflection }
}

/** Deletes one of the viewer's reflections, and answers what it was. NOT_FOUND when there is none such. */
export async function deleteReflection(
  tx: Database,
  { ownerId, reflectionId }: ReflectionKey,
  expectedVersion: number | null,
): Promise<ReflectionRow> {
  const reflection = await holdReflection(tx, ownerId, reflectionId)
  if (!reflection) throw notFound('There is no such reflection.', { field: 'input.reflectionId' })
  checkVersion(expectedVersion, reflection.version)
  await deleteReflectionRow(tx, reflection)
  return reflection
}
