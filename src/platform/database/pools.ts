import pg from 'pg'
import { unavailable } from '../graphql/errors.ts'
import { sqlState } from './database-errors.ts'
import { type Answer, Flight, type Statement } from './flight.ts'
import type { DatabaseLog } from './types.ts'

/** A client of a pool, and whether it was lost while it was out. */
export interface PooledClient {
  readonly client: pg.PoolClient
  /** Whether it is sent statements while others are not answered. */
  readonly isPipelined: boolean
  /**
   * Runs a statement behind those before it; rejects with UNAVAILABLE if the connection went, else with pg's error. In pipeline mode what is
   * sent in one tick goes out together: behind one that failed none is run, and each fails as that one did.
   */
  send(statement: Statement): Promise<Answer>
  lost(): boolean
  /** Gives it back; a lost one is thrown away, as is one that is `spoilt`. */
  release(spoilt?: boolean): void
}

/** Connections that are open, those of them that nobody uses, and those who wait for one. */
export interface PoolUsage {
  readonly open: number
  readonly idle: number
  readonly waiting: number
}

export interface Pool {
  /** Rejects with UNAVAILABLE when no client is free in time or none can be connected. */
  take(): Promise<PooledClient>
  usage(): PoolUsage
  stop(): Promise<void>
}

/**
 * An ordinary pool whose clients may be cut at any moment, idle or in use: node-postgres then emits `error` on the
 * client, and without a listener the process would end.
 */
export function makePool(config: pg.PoolConfig, log: DatabaseLog): Pool {
  const pool = new pg.Pool({ connectionTimeoutMillis: 3_000, ...config })
  pool.on('error', (error) => {
    // What is being closed may as well be gone.
    if (!pool.ending) log.warn({ err: error }, 'an idle connection was lost')
  })
  return {
    async take() {
      const client = await pool.connect().catch((error: unknown) => {
        log.error({ err: error }, 'no connection from the pool')
        throw unavailable()
      })
      return watched(client, config.pipeline === true, log)
    },
    usage: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    stop: () => pool.end(),
  }
}

function watched(client: pg.PoolClient, isPipelined: boolean, log: DatabaseLog): PooledClient {
  let lost = false
  const lose = (error?: Error) => {
    if (!lost) log.warn({ err: error }, 'a connection was lost while in use')
    lost = true
  }
  client.on('error', lose)
  client.on('end', lose)
  const fly = (waiting: readonly Waiting[]) => {
    const statements = waiting.map(({ statement }) => statement)
    const landed = (error: Error | undefined, answers: readonly Answer[]) => {
      const failure = lost && sqlState(error) === undefined ? unavailable() : error
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const answer = answers[index]
        if (answer) resolve(answer)
        else reject(failure)
      }
    }
    client.query(new Flight(statements, landed) as unknown as pg.Submittable)
  }
  return {
    client,
    isPipelined,
    send: isPipelined ? inOneTick(fly) : sender((waiting) => fly([waiting])),
    lost: () => lost,
    release(spoilt = false) {
      client.release(lost || spoilt)
      client.off('error', lose)
      client.off('end', lose)
    },
  }
}

/** A statement that is to be sent, and who waits for its answer. */
interface Waiting {
  readonly statement: Statement
  resolve(answer: Answer): void
  reject(error: unknown): void
}

const sender = (send: (waiting: Waiting) => void) => (statement: Statement) =>
  new Promise<Answer>((resolve, reject) => send({ statement, resolve, reject }))

function inOneTick(fly: (waiting: readonly Waiting[]) => void) {
  let collected: Waiting[] = []
  const flush = () => {
    const waiting = collected
    collected = []
    fly(waiting)
  }
  return sender((waiting) => {
    if (collected.push(waiting) === 1) process.nextTick(flush)
  })
}
