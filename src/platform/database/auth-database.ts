import type { CompiledQuery } from 'kysely'
import { isStalePlan, toCallerError } from './database-errors.ts'
import { kyselyOver } from './dialect.ts'
import { makePooledConnection, onClient } from './pooled-connection.ts'
import type { PooledClient } from './pools.ts'
import { beginAuthenticating } from './sql-settings.ts'
import type { TransactionSources, Work } from './transactions.ts'
import { runTransaction } from './transactions.ts'
import type { Database, RequestInfo, UserId } from './types.ts'

/**
 * What `kitaab_auth` sees: accounts and sessions of everybody, for identity before there is a viewer. A statement on it
 * is a transaction of its own, of which the audit log knows no request: writes belong in `inTransaction`.
 */
export type AuthDatabase = Database & {
  /**
   * Like a viewer's transaction (retries, `tx.announce`, `tx.afterCommit`, errors), without a session. `actorId` is who
   * acts, for the audit log, once that is known.
   */
  inTransaction<Result>(work: Work<Result>, options?: { readonly actorId?: UserId }): Promise<Result>
}

export function makeAuthDatabase(sources: TransactionSources, request: RequestInfo = {}): AuthDatabase {
  const taken = new Map<object, { pooled: PooledClient; failure: () => unknown }>()
  const database = kyselyOver({
    async acquire() {
      const pooled = await sources.pool.take()
      const { executeQuery, streamQuery, failure } = makePooledConnection(pooled, {
        nameOf: sources.statementNames,
        onFlight: request.onFlight,
      })
      const connection = {
        streamQuery,
        executeQuery: <Row>(query: CompiledQuery) =>
          executeQuery<Row>(query).catch((error: unknown) => {
            throw toCallerError(error, sources.constraintErrors)
          }),
      }
      taken.set(connection, { pooled, failure })
      return connection
    },
    async release(connection) {
      const used = taken.get(connection)
      used?.pooled.release(isStalePlan(used.failure()))
      taken.delete(connection)
    },
  })
  return Object.assign(database, {
    inTransaction: <Result>(work: Work<Result>, { actorId }: { readonly actorId?: UserId } = {}) => {
      const text = beginAuthenticating(request, actorId)
      return runTransaction(sources, request, (pooled) => onClient(pooled, text), work)
    },
  })
}
