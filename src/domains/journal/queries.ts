import { sql } from 'kysely'
import { pairsIn } from '../../platform/database/any-of.ts'
import { keysetPage } from '../../platform/database/keyset.ts'
import type { Page } from '../../platform/database/page.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import type { DateRange } from '../entries/rules/ranges.ts'
import type { JournalDay, ReflectionRow, WriteRequest } from './rules.ts'

export type { ReflectionRow } from './rules.ts'
export type ReflectionPage = Page<ReflectionRow>

export interface ReflectionKey {
  readonly ownerId: UserId
  readonly reflectionId: string
}

const columns = [
  'reflection_messages.user_id as ownerId',
  'reflection_messages.reflection_message_id as reflectionId',
  'reflection_messages.reflection_date as date',
  'reflection_messages.type',
  'reflection_messages.message',
  'reflection_messages.version',
  'reflection_messages.created_at as createdAt',
  'reflection_messages.updated_at as updatedAt',
] as const

/** What the viewer wrote and did not delete: nobody reads another's journal. */
function ownReflections(db: Database, viewerId: UserId) {
  return db
    .selectFrom('reflection_messages')
    .where('reflection_messages.user_id', '=', viewerId)
    .where('reflection_messages.deleted_at', 'is', null)
    .select(columns)
}

export function reflectionsByKeys(db: Database, viewerId: UserId, keys: readonly ReflectionKey[]) {
  const pairs = keys.map(({ ownerId, reflectionId }) => [ownerId, reflectionId] as const)
  return ownReflections(db, viewerId)
    .where(pairsIn(['reflection_messages.user_id', 'reflection_messages.reflection_message_id'], pairs))
    .execute()
}

/** A page of the viewer's journal, 1..100, the latest day first. */
export function reflectionsPage(
  db: Database,
  viewerId: UserId,
  { range, first, after }: { range: DateRange | null; first: number; after: string | null },
): Promise<ReflectionPage> {
  let reflections = ownReflections(db, viewerId)
  if (range) {
    reflections = reflections
      .where('reflection_messages.reflection_date', '>=', range.from)
      .where('reflection_messages.reflection_date', '<=', range.to)
  }
  return keysetPage(db, reflections, {
    order: [
      { column: 'reflection_messages.reflection_date', direction: 'desc' },
      { column: 'reflection_messages.type', direction: 'asc' },
    ],
    first,
    after,
    scope: ['reflections', viewerId, range && [range.from, range.to]],
  })
}

/** DAY-5 The day that is to be written about, and what stands there. Held until the transaction ends: the owner's lock is taken first. */
export async function journalDay(db: Database, ownerId: UserId, { date, type }: WriteRequest): Promise<JournalDay> {
  await sql`select lock_owner(${ownerId})`.execute(db)
  const { rows } = await sql<JournalDay>`
    select day.date, owner_today(${ownerId}) + 1 as "latestDate",
      case when reflection.version is not null
        then jsonb_build_object('version', reflection.version, 'message', reflection.message)
      end as written
    from (select case when ${date}::date is null then owner_today(${ownerId}) else ${date}::date end as date) as day
    left join reflection_messages as reflection
      on reflection.user_id = ${ownerId} and reflection.reflection_date = day.date
      and reflection.type = ${type} and reflection.deleted_at is null`.execute(db)
  const [day] = rows
  if (!day) throw new Error('A select without a table has one row.')
  return day
}

/** What stands on a day, of one type; there must be something. */
export function reflectionOfDay(
  db: Database,
  viewerId: UserId,
  { date, type }: Pick<ReflectionRow, 'date' | 'type'>,
): Promise<ReflectionRow> {
  return ownReflections(db, viewerId)
    .where('reflection_messages.reflection_date', '=', date)
    .where('reflection_messages.type', '=', type)
    .executeTakeFirstOrThrow()
}

/** Writes about a day, over what stands there or was deleted there. */
export function upsertReflection(
  db: Database,
  ownerId: UserId,
  { date, type, message }: Pick<ReflectionRow, 'date' | 'type' | 'message'>,
): Promise<ReflectionRow> {
  return db
    .insertInto('reflection_messages')
    .values({ user_id: ownerId, reflection_date: date, type, message })
    .onConflict((conflict) =>
      conflict
        .constraint('reflection_messages_day_key')
        .doUpdateSet({ message: sql<string>`excluded.message`, deleted_at: null }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow()
}

/** A reflection of the viewer's, held until the transaction ends: the owner's lock is taken first. */
export async function holdReflection(db: Database, viewerId: UserId, reflectionId: string) {
  await sql`select lock_owner(${viewerId})`.execute(db)
  return ownReflections(db, viewerId)
    .where('reflection_messages.reflection_message_id', '=', reflectionId)
    .executeTakeFirst()
}

export async function deleteReflectionRow(db: Database, { ownerId, reflectionId }: ReflectionKey): Promise<void> {
  await db
    .updateTable('reflection_messages')
    .where('user_id', '=', ownerId)
    .where('reflection_message_id', '=', reflectionId)
    .set({ deleted_at: sql<string>`now()` })
    .execute()
}
