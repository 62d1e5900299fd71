import type { QueryResult } from 'kysely'
import { isRetriable, isStalePlan, sqlState, toCallerError } from './database-errors.ts'
import type { Statement } from './flight.ts'
import type { Outcome, PipelinedConnection } from './pipelined-connection.ts'
import { enterReading, oneSnapshot } from './sql-settings.ts'
import type { StatementNames } from './statement-names.ts'
import type { RequestInfo, ViewerIdentity } from './types.ts'

/** A statement that waits for its answer. */
export interface Read {
  readonly sql: string
  readonly values: unknown[]
  /** From `ownersText`. */
  readonly owners: string
  resolve(result: QueryResult<never>): void
  reject(error: unknown): void
}

/** The reads of one viewer and one tick; those with the same owners stand together. */
export interface ReadGroup {
  readonly viewer: ViewerIdentity | null
  readonly request: RequestInfo
  readonly reads: readonly Read[]
}

/** A statement of a group, and whose it is: null where it says for whom those behind it are read. */
interface Place {
  readonly statement: Statement
  readonly read: Read | null
}

/** What is to be flown again, and why, unless a read of the group is itself to blame. */
export interface Unsettled {
  readonly again: readonly Read[]
  readonly blameless: unknown
}

/**
 * Sends the group together, and answers the reads whose rows or error are their own. All of it comes at once, so that all loaders of one
 * level go on in the same tick and their next statements form one group again.
 */
export async function flyGroup(
  connection: PipelinedConnection,
  group: ReadGroup,
  nameOf: StatementNames,
): Promise<Unsettled> {
  const places = placesOf(group, nameOf)
  return settle(places, await connection.send(places.map(({ statement }) => statement)), connection)
}

function placesOf({ viewer, reads }: ReadGroup, nameOf: StatementNames): Place[] {
  const named = (statement: Statement) => ({ ...statement, name: nameOf(statement.text) })
  const places: Place[] = reads.length > 1 ? [{ statement: named(oneSnapshot), read: null }] : []
  let owners: string | undefined
  for (const read of reads) {
    if (read.owners !== owners) places.push({ statement: named(enterReading(viewer, read.owners)), read: null })
    owners = read.owners
    places.push({ statement: { text: read.sql, values: read.values, name: nameOf(read.sql) }, read })
  }
  return places
}

function settle(
  places: readonly Place[],
  { answers, error, lost }: Outcome,
  connection: PipelinedConnection,
): Unsettled {
  for (const [index, { rows }] of answers.entries()) places[index]?.read?.resolve({ rows: rows as never[] })
  if (!error) return { again: [], blameless: undefined }
  const [failed, ...behind] = places.slice(answers.length)
  if (isStalePlan(error)) connection.retire()
  const again = behind.flatMap(({ read }) => read ?? [])
  const isOwn = failed?.read && !lost && !isBlameless(error)
  if (!isOwn) return { again: failed?.read ? [failed.read, ...again] : again, blameless: error }
  failed.read?.reject(toCallerError(error))
  return { again, blameless: undefined }
}

/**
 * Failures of a statement that has done nothing wrong. 26000: a named statement counts as prepared from the moment that its Parse is written;
 * where that was skipped, as it stood behind a failure, what others have sent meanwhile relies on a statement that is not there.
 */
function isBlameless(error: unknown): boolean {
  return sqlState(error) === '26000' || isRetriable(error)
}
