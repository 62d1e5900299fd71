import { unavailable } from '../graphql/errors.ts'
import type { ConstraintErrors } from './database-errors.ts'
import { endsSession, isRetriable, isStalePlan, toCallerError } from './database-errors.ts'
import { kyselyOn } from './dialect.ts'
import type { Announcements, Effect, Listeners, Transaction } from './listeners.ts'
import type { PooledConnection } from './pooled-connection.ts'
import { makePooledConnection } from './pooled-connection.ts'
import type { Pool, PooledClient } from './pools.ts'
import { retrying } from './retrying.ts'
import type { StatementNames } from './statement-names.ts'
import type { DatabaseLog, RequestInfo, UserId } from './types.ts'

export type { Transaction } from './listeners.ts'

/** May run more than once, on a fresh transaction, after a deadlock: it changes nothing but the database. */
export type Work<Result> = (tx: Transaction) => Promise<Result>

export interface TransactionSources {
  readonly pool: Pool
  readonly log: DatabaseLog
  readonly listeners: Listeners
  readonly statementNames: StatementNames
  readonly constraintErrors?: ConstraintErrors | undefined
  /** The mail address of whoever runs the service, for those whom it turns away; null: none. */
  readonly contact?: string | null | undefined
  /** Whose transactions these are, where they are a viewer's. */
  readonly viewerId?: UserId | undefined
}

/** The first statement, which begins and sets what policies, triggers and audit read; rejects to refuse. */
export type Opening = (pooled: PooledClient) => Promise<void>

interface Attempt<Result> {
  readonly result: Result
  readonly effects: readonly Effect[]
}

/**
 * Runs the work in a transaction, again up to three times when it fell to a deadlock or a serialization failure, and
 * then its effects. Rejects with what the work threw, or with what an error of the database means to the caller.
 */
export async function runTransaction<Result>(
  sources: TransactionSources,
  request: RequestInfo,
  open: Opening,
  work: Work<Result>,
): Promise<Result> {
  try {
    return await retrying(async () => {
      request.signal?.throwIfAborted()
      const { result, effects } = await attempt(sources, request, open, work)
      await runEffects(effects, sources.log)
      return result
    })
  } catch (error) {
    throw toCallerError(error, sources.constraintErrors)
  }
}

/**
 * A connection that was cut while it lay in the pool may only show it now; nothing has been done yet, so another one is taken.
 */
async function attempt<Result>(
  sources: TransactionSources,
  request: RequestInfo,
  open: Opening,
  work: Work<Result>,
): Promise<Attempt<Result>> {
  const first = await attemptOn(await sources.pool.take(), sources, request, open, work)
  if (first !== 'lost before it began') return first
  const second = await attemptOn(await sources.pool.take(), sources, request, open, work)
  if (second === 'lost before it began') throw unavailable()
  return second
}

/** The work's first statement is sent right behind the opening one, and answered to it only once that let it in. */
async function attemptOn<Result>(
  pooled: PooledClient,
  { listeners, statementNames, viewerId }: TransactionSources,
  { onFlight }: RequestInfo,
  open: Opening,
  work: Work<Result>,
): Promise<Attempt<Result> | 'lost before it began'> {
  const opened = open(pooled)
  const connection = makePooledConnection(pooled, { nameOf: statementNames, onFlight, opened })
  let ended = false
  try {
    const effects: Effect[] = []
    const working = work(transactionOn(connection, { listeners, viewerId }, effects))
    // Whatever the work makes of it, this refusal goes first.
    const [, result] = await Promise.all([opened, settled(working)])
    if ('error' in result) throw result.error
    await connection.close()
    // Whoever caught this error can't save the transaction: its commit would be a rollback that looks like success.
    if (connection.failure() !== undefined) throw connection.failure()
    await commit(pooled)
    ended = true
    return { result: result.value, effects }
  } catch (error) {
    await connection.close()
    const refusal = await settled(opened)
    if ('error' in refusal) {
      if (pooled.lost() || endsSession(refusal.error)) return 'lost before it began'
      throw refusal.error
    }
    throw isRetriable(connection.failure()) ? connection.failure() : error
  } finally {
    pooled.release(!ended && (isStalePlan(connection.failure()) || !(await rolledBack(pooled))))
  }
}

type Settled<Value> = { readonly value: Value } | { readonly error: unknown }

function settled<Value>(promise: Promise<Value>): Promise<Settled<Value>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

function transactionOn(
  connection: PooledConnection,
  { listeners, viewerId }: Pick<TransactionSources, 'listeners' | 'viewerId'>,
  effects: Effect[],
): Transaction {
  const handed: ((loaders: never) => void)[] = []
  const tx: Transaction = Object.assign(kyselyOn(connection), {
    viewerId,
    handed,
    handOver: (hand: (loaders: never) => void) => {
      handed.push(hand)
    },
    announce: <Event extends keyof Announcements>(event: Event, payload: Announcements[Event]) =>
      listeners.announce(tx, event, payload),
    afterCommit: (effect: Effect) => {
      effects.push(effect)
    },
  })
  return tx
}

/** Rejects with UNAVAILABLE if the answer never came: then nobody knows whether all is saved, or nothing. */
async function commit(pooled: PooledClient): Promise<void> {
  try {
    await pooled.client.query('commit')
  } catch (error) {
    if (!pooled.lost() && !endsSession(error)) throw error
    throw unavailable(
      'The connection was lost while this was being saved. Look whether it was, before sending it again.',
    )
  }
}

async function rolledBack(pooled: PooledClient): Promise<boolean> {
  if (pooled.lost()) return false
  return pooled.client.query('rollback').then(
    () => true,
    () => false,
  )
}

async function runEffects(effects: readonly Effect[], log: DatabaseLog): Promise<void> {
  for (const effect of effects) {
    try {
      await effect()
    } catch (error) {
      log.error({ err: error }, 'an effect after a commit failed')
    }
  }
}
