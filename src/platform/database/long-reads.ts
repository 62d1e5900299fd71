import type { DatabaseConnection } from 'kysely'
import { toCallerError } from './database-errors.ts'
import { kyselyOver } from './dialect.ts'
import { makePooledConnection, takeBegun } from './pooled-connection.ts'
import type { Pool, PooledClient } from './pools.ts'
import { beginReading } from './sql-settings.ts'
import type { Database, RequestInfo, ViewerIdentity } from './types.ts'

/** Reads of one viewer on a pool for slow statements, with the owners of `ownersText` declared. */
export type LongReads = (viewer: ViewerIdentity | null, owners: string, request: RequestInfo) => Database

/**
 * Each use of a connection is a read-only transaction of its own. Statements are not prepared: over ranges, the generic
 * plan that PostgreSQL makes after five runs takes twice as long.
 */
export function makeLongReads(pool: Pool): LongReads {
  return (viewer, owners, request) => {
    const begun = new Map<DatabaseConnection, PooledClient>()
    return kyselyOver({
      async acquire() {
        request.signal?.throwIfAborted()
        const pooled = await takeBegun(pool, beginReading(viewer, owners))
        const connection = translated(makePooledConnection(pooled, { onFlight: request.onFlight }))
        begun.set(connection, pooled)
        return connection
      },
      async release(connection) {
        const pooled = begun.get(connection)
        begun.delete(connection)
        const ended = await pooled?.client.query('commit').catch(() => undefined)
        pooled?.release(!ended)
      },
    })
  }
}

/** Turns a statement's error into the caller's. */
function translated(connection: DatabaseConnection): DatabaseConnection {
  return {
    ...connection,
    executeQuery: (query) =>
      connection.executeQuery<never>(query).catch((error: unknown) => {
        throw toCallerError(error)
      }),
  }
}
