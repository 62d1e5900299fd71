import { CompiledQuery, type DatabaseConnection } from 'kysely'
import { toCallerError } from './database-errors.ts'
import { kyselyOn, refuseStream } from './dialect.ts'
import { makePooledConnection, takeBegun } from './pooled-connection.ts'
import type { Pool } from './pools.ts'
import { beginReading, noOwners, ownersText, setOwners } from './sql-settings.ts'
import type { RequestInfo, UserId, ViewerIdentity } from './types.ts'
import type { ViewerDatabase } from './viewer-database.ts'

/** One viewer's view of the database as it was at one instant, on a connection held until it is closed. */
export interface Snapshot {
  readonly db: ViewerDatabase
  /** Waits for what was asked for, and gives the connection back. */
  close(): Promise<void>
}

/** A reader may be this slow between two statements; whoever holds a snapshot bounds all of it. */
const mostIdleMs = 360_000

/**
 * Begins a read-only transaction of the viewer whose statements, of all owners, see one state of the database. They run
 * one after the other, not prepared; the first that fails ends it.
 */
export async function openSnapshot(
  pool: Pool,
  viewer: ViewerIdentity | null,
  request: RequestInfo = {},
): Promise<Snapshot> {
  request.signal?.throwIfAborted()
  const begin = `${beginReading(viewer, noOwners)}; set local idle_in_transaction_session_timeout = ${mostIdleMs}`
  const pooled = await takeBegun(pool, begin)
  const connection = makePooledConnection(pooled, { onFlight: request.onFlight })
  let closing: Promise<void> | undefined
  const close = async () => {
    await connection.close()
    const ended = await pooled.client.query('commit').catch(() => undefined)
    pooled.release(!ended)
  }
  return {
    db: databaseOn(connection, request),
    close() {
      closing ??= close()
      return closing
    },
  }
}

function databaseOn(connection: DatabaseConnection, { signal }: RequestInfo): ViewerDatabase {
  let declared = noOwners
  function readingAs(owners: string): ViewerDatabase {
    const executeQuery = async (query: CompiledQuery): Promise<never> => {
      signal?.throwIfAborted()
      if (owners !== declared) {
        declared = owners
        // If this fails, the transaction has failed, and so does the statement behind it.
        connection.executeQuery(CompiledQuery.raw(setOwners(owners))).catch(() => {})
      }
      return connection.executeQuery<never>(query).catch((error: unknown) => {
        throw toCallerError(error)
      }) as Promise<never>
    }
    const bound = { executeQuery, streamQuery: refuseStream }
    return Object.defineProperties(kyselyOn(bound), {
      reading: { value: (others: readonly UserId[]) => readingAs(ownersText(others)) },
      long: { get: () => kyselyOn(bound) },
    }) as ViewerDatabase
  }
  return readingAs(noOwners)
}
