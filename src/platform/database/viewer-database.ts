import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { kyselyOn, refuseStream } from './dialect.ts'
import type { LongReads } from './long-reads.ts'
import type { PipelinedReads } from './pipelined-reads.ts'
import type { Read } from './read-group.ts'
import { noOwners, ownersText } from './sql-settings.ts'
import type { Database, RequestInfo, UserId, ViewerIdentity } from './types.ts'
import { wireValues } from './wire-values.ts'

export type { RunTransaction } from './viewer-transactions.ts'

/** Reads as one viewer. Statements of the same tick go out as one group, in one snapshot. */
export type ViewerDatabase = Database & {
  /**
   * The same viewer, reading what these owners have shared with them: rows of an owner that is not declared do not
   * show. Replaces the owners declared before; one's own rows need no declaration.
   */
  reading(owners: readonly UserId[]): ViewerDatabase
  /**
   * The same viewer and owners on a pool for what may be slow (search, ranges over 400 days): nobody waits behind it.
   * `long.connection().execute(...)` runs several statements in one snapshot.
   */
  readonly long: Database
}

/** One viewer's view of the database, for the time of one request; `null` is nobody, who sees no rows. */
export function makeViewerDatabase(
  sources: { readonly reads: PipelinedReads; readonly longReads: LongReads },
  viewer: ViewerIdentity | null,
  request: RequestInfo = {},
): ViewerDatabase {
  let waiting: Read[] = []
  // Where nobody else is declared, policies look for no shares, and the statement shares the settings of its group.
  const isAnother = (owner: UserId) => owner !== viewer?.userId

  function flush() {
    const reads = togetherByOwners(waiting)
    waiting = []
    void sources.reads.fly({ viewer, request, reads })
  }

  function readingAs(owners: string): ViewerDatabase {
    const execute = (query: CompiledQuery) =>
      new Promise<QueryResult<never>>((resolve, reject) => {
        const read = { sql: query.sql, values: wireValues(query.parameters), owners, resolve, reject }
        if (waiting.push(read) === 1) process.nextTick(afterLoaders, flush)
      })
    const connection: DatabaseConnection = { executeQuery: execute, streamQuery: refuseStream }
    return Object.defineProperties(kyselyOn(connection), {
      reading: { value: (declared: readonly UserId[]) => readingAs(ownersText(declared.filter(isAnother))) },
      long: { get: () => sources.longReads(viewer, owners, request) },
    }) as ViewerDatabase
  }

  return readingAs(noOwners)
}

/** Loaders run their batches in a round of nextTick, and what those ask for comes in the promises behind it: a flush in the round after carries all. */
function afterLoaders(flush: () => void) {
  queueMicrotask(() => process.nextTick(flush))
}

/** Statements with the same owners in one run, so that `app.owners` is set once for each. */
function togetherByOwners(reads: readonly Read[]): Read[] {
  const byOwners = new Map<string, Read[]>()
  for (const read of reads) {
    const run = byOwners.get(read.owners)
    if (run) run.push(read)
    else byOwners.set(read.owners, [read])
  }
  return [...byOwners.values()].flat()
}
