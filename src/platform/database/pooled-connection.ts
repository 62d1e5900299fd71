import type { Writable } from 'node:stream'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type pg from 'pg'
import { unavailable } from '../graphql/errors.ts'
import { sqlState } from './database-errors.ts'
import { refuseStream } from './dialect.ts'
import type { PooledClient } from './pools.ts'
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
    const name = nameOf?.(query.sql)
    sendTogether(pooled)
    const statement = { text: query.sql, values: wireValues(query.parameters), ...(name !== undefined && { name }) }
    return resultOf<Row>(await onClient(pooled, statement))
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

/** What is sent to the client in this tick leaves the process in one write: each write is a call of the operating system. */
export function sendTogether({ client }: PooledClient): void {
  const stream = (client as unknown as { connection?: { stream?: Writable } }).connection?.stream
  if (!stream || stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

/** Runs a statement on a pool's client; rejects with UNAVAILABLE if the connection went, else with pg's error. */
export async function onClient(pooled: PooledClient, statement: pg.QueryConfig): Promise<pg.QueryResult> {
  try {
    return await pooled.client.query(statement)
  } catch (error) {
    throw pooled.lost() && sqlState(error) === undefined ? unavailable() : error
  }
}

function resultOf<Row>({ command, rowCount, rows }: pg.QueryResult): QueryResult<Row> {
  const counts = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE' || command === 'MERGE'
  return counts ? { numAffectedRows: BigInt(rowCount ?? 0), rows } : { rows }
}
