import type { QueryResult } from 'kysely'
import { isRetriable, isStalePlan, sqlState, toCallerError } from './database-errors.ts'
import type { Entry } from './entered-query.ts'
import type { Outcome, PipelinedConnection } from './pipelined-connection.ts'
import { beginReading, enterReading, setOwners } from './sql-settings.ts'
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

/** What came back: the outcome of `begin`, and of each read; a read whose owners could not be set has that outcome. */
export interface GroupOutcome {
  readonly begun: Outcome
  readonly reads: readonly Outcome[]
}

/**
 * Writes the group to the connection in one go; resolves when the last of it is answered, so that all loaders of one
 * level go on in the same tick and their next statements form one group again.
 */
export function sendGroup(
  connection: PipelinedConnection,
  { viewer, reads }: ReadGroup,
  nameOf: StatementNames,
): Promise<GroupOutcome> {
  const [only, ...others] = reads
  const name = only && others.length === 0 ? nameOf(only.sql) : undefined
  const entry = only && name !== undefined ? enterReading(viewer, only.owners) : null
  if (only && name !== undefined && entry) return sendAlone(connection, entry, { ...only, name })
  const outcomes: Outcome[] = []
  let begun: Outcome = { lost: true }
  return new Promise((resolve) => {
    connection.together(() => {
      let owners = reads[0]?.owners ?? ''
      connection.send({ text: beginReading(viewer, owners) }, (outcome) => {
        begun = outcome
      })
      for (const [index, read] of reads.entries()) {
        if (read.owners !== owners) {
          owners = read.owners
          // If this fails, so does the read behind it, with 25P02: it is flown again.
          connection.send({ text: setOwners(owners) }, () => {})
        }
        const name = nameOf(read.sql)
        connection.send({ text: read.sql, values: read.values, ...(name !== undefined && { name }) }, (outcome) => {
          outcomes[index] = outcome
        })
      }
      // A commit that fails takes nothing back: the reads before it saw one snapshot, as their viewer.
      connection.send({ text: 'commit' }, () => resolve({ begun, reads: outcomes }))
    })
  })
}

/** One statement needs no `begin`: it is one snapshot by itself. */
function sendAlone(
  connection: PipelinedConnection,
  entry: Entry,
  { sql, values, name }: Read & { readonly name: string },
): Promise<GroupOutcome> {
  return new Promise((resolve) => {
    connection.together(() =>
      connection.sendEntered(entry, { text: sql, values, name }, (outcome) =>
        resolve({ begun: { answer: [], lost: false }, reads: [outcome] }),
      ),
    )
  })
}

/** The reads that are to be flown again, and why, unless a read of the group is itself to blame. */
export interface Unsettled {
  readonly again: readonly Read[]
  readonly blameless: unknown
}

/** Answers the reads whose rows or error are their own. */
export function settle(
  reads: readonly Read[],
  { begun, reads: outcomes }: GroupOutcome,
  connection: PipelinedConnection,
): Unsettled {
  // Behind a begin that failed, statements may have run: without their viewer. Their answers are worth nothing.
  if (begun.error || !begun.answer) return { again: reads, blameless: begun.error ?? new Error('A group never began.') }
  const failed = outcomes.findIndex((outcome) => outcome.error)
  const answered = failed === -1 ? reads.length : failed
  for (const [index, read] of reads.slice(0, answered).entries()) read.resolve({ rows: rowsOf(outcomes[index]) })
  const first = reads[failed]
  if (!first) return { again: [], blameless: undefined }
  const { error, lost = false } = outcomes[failed] ?? {}
  if (isStalePlan(error)) connection.retire()
  if (lost || isBlameless(error)) return { again: reads.slice(failed), blameless: error }
  first.reject(toCallerError(error))
  return { again: reads.slice(failed + 1), blameless: undefined }
}

function rowsOf(outcome: Outcome | undefined): never[] {
  const answer = outcome?.answer
  return (answer && 'rows' in answer ? answer.rows : []) as never[]
}

/**
 * Failures of a statement that has done nothing wrong.
 *
 * 25P02: the owners could not be set in front of it. 26000 and 42P05: pg counts a named statement as prepared from the
 * moment that it writes the Parse. When that fails, in a group that was aborted, what others have already sent relies
 * on a statement that is not there; and a Parse sent while that comes to light may find it made by another.
 */
function isBlameless(error: unknown): boolean {
  return ['25P02', '26000', '42P05'].includes(sqlState(error) ?? '') || isRetriable(error)
}
