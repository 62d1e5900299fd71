import { toCallerError } from './database-errors.ts'
import { kyselyOver } from './dialect.ts'
import { makePooledConnection } from './pooled-connection.ts'
import type { Pool, PooledClient } from './pools.ts'
import type { Database, RequestInfo } from './types.ts'

/**
 * What `kitaab_readonly` sees: the numbers about many people that the schema `reporting` shows, and nobody's rows. Each statement is a
 * transaction of its own, and is not prepared.
 */
export function makeReportingDatabase(pool: Pool, { signal, onFlight }: RequestInfo = {}): Database {
  const taken = new Map<object, PooledClient>()
  return kyselyOver({
    async acquire() {
      signal?.throwIfAborted()
      const pooled = await pool.take()
      const { executeQuery, streamQuery } = makePooledConnection(pooled, { onFlight })
      const connection = {
        streamQuery,
        executeQuery: (query: Parameters<typeof executeQuery>[0]) =>
          executeQuery<never>(query).catch((error: unknown) => {
            throw toCallerError(error)
          }),
      }
      taken.set(connection, pooled)
      return connection
    },
    async release(connection) {
      taken.get(connection)?.release()
      taken.delete(connection)
    },
  })
}
