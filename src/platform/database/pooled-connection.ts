import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { unavailable } from '../graphql/errors.ts'
import { endsSession, sqlState, toCallerError } from './database-errors.ts'
import { refuseStream } from './dialect.ts'
import type { Answer } from './flight.ts'
import type { Pool, PooledClient } from './pools.ts'
import type { StatementNames } from './statement-names.ts'
import type { FlightObserver } from './types.ts'
import { wireValues } from './wire-values.ts'

/** A pool's client as Kysely's connection. Errors are the database's own, but a loss is UNAVAILABLE. */
export interface PooledConnection extends DatabaseConnection {
  /** Refuses further statements, and waits for those that were asked for: nothing runs after the transaction. */
  close(): Promise<void>
  /** The first error of a statement: it has aborted the transaction even if somebody caught it. */
  failure(): unknown
}

export interface PooledConnectionOptions {
  /** Without names statements are not prepared. */
  readonly nameOf?: StatementNames
  readonly onFlight?: FlightObserver | undefined
  /** The statement before all others: what comes back behind it counts only when this resolves, and else rejects as this does. */
  readonly opened?: Promise<void>
}

/**
 * Statements run one after the other, in the order in which they were asked for. On a client in pipeline mode none waits to be sent until
 * those before it are answered; behind one that failed they fail as well.
 */
export function makePooledConnection(
  pooled: PooledClient,
  { nameOf, onFlight, opened }: PooledConnectionOptions,
): PooledConnection {
  let last: Promise<unknown> = Promise.resolve(opened).catch(() => {})
  let closed = false
  let failure: unknown

  async function run<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    onFlight?.({ statements: 1, sql: [query.sql], again: false })
    const statement = { text: query.sql, values: wireValues(query.parameters), name: nameOf?.(query.sql) }
    return resultOf<Row>(await pooled.send(statement))
  }

  function executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (closed) return Promise.reject(new Error('This statement came after the end of its transaction.'))
    const result = pooled.isPipelined ? run<Row>(query) : last.then(() => run<Row>(query))
    last = result.catch((error: unknown) => {
      failure ??= error
    })
    return opened ? opened.then(() => result) : result
  }

  return {
    executeQuery,
    streamQuery: refuseStream,
    async close() {
      closed = true
      await last
    },
    failure: () => failure,
  }
}

/** Runs a text of one statement or several, without values; rejects with UNAVAILABLE if the connection went, else with pg's error. */
export async function onClient(pooled: PooledClient, text: string): Promise<void> {
  try {
    await pooled.client.query(text)
  } catch (error) {
    throw pooled.lost() && sqlState(error) === undefined ? unavailable() : error
  }
}

/**
 * A client on which the text that begins a transaction was run. One that was cut while it lay in the pool may only show it now: then
 * another is taken, once. Rejects with what a caller is told.
 */
export async function takeBegun(pool: Pool, begin: string): Promise<PooledClient> {
  for (let isLast = false; ; isLast = true) {
    const pooled = await pool.take()
    try {
      await onClient(pooled, begin)
      return pooled
    } catch (error) {
      const wasCut = pooled.lost() || endsSession(error)
      pooled.release(true)
      if (isLast || !wasCut) throw toCallerError(error)
    }
  }
}

/** What Kysely wants to know of commands that change rows: how many. */
function resultOf<Row>({ tag, rows }: Answer): QueryResult<Row> {
  const changed = /^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)/.exec(tag)?.[1]
  const result = { rows: rows as Row[] }
  return changed === undefined ? result : { numAffectedRows: BigInt(changed), ...result }
}
