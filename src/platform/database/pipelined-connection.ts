import type { Writable } from 'node:stream'
import pg from 'pg'
import { unavailable } from '../graphql/errors.ts'
import { endsSession, sqlState } from './database-errors.ts'
import { type Answer, Flight, type Statement } from './flight.ts'
import type { DatabaseLog } from './types.ts'

/** What came back: the answers up to the first statement that failed, and its error. */
export interface Outcome {
  readonly answers: readonly Answer[]
  readonly error?: Error
  /** The connection went, so the statement behind the answers may not have run at all. */
  readonly lost: boolean
}

/**
 * A connection that is open. What is sent to it is answered in order. What everybody sends in one round of the event loop leaves the process
 * in one write: the busier it is, the fewer writes and wake-ups a statement costs.
 */
export interface PipelinedConnection {
  /** Sends the statements together, as one transaction. */
  send(statements: readonly Statement[]): Promise<Outcome>
  /** Nothing more is sent here; it closes when all is answered. */
  retire(): void
}

/** A place for a connection, opened when it is needed and again when it was lost. */
export interface Lane {
  /** Statements sent and not answered. */
  waiting: number
  open(): Promise<PipelinedConnection>
  close(): Promise<void>
}

/** A lane of pg's pipeline mode. `open` rejects with UNAVAILABLE when there is no connection to be had. */
export function makeLane(config: pg.ClientConfig, log: DatabaseLog): Lane {
  let current: Promise<PipelinedConnection> | undefined
  const closing = new Set<Promise<void>>()

  function forget(connection: Promise<PipelinedConnection>) {
    if (current === connection) current = undefined
  }

  function openNew(): Promise<PipelinedConnection> {
    const client = new pg.Client({ ...config, pipeline: true })
    const state = { lost: false }
    const lose = () => {
      state.lost = true
      forget(connection)
    }
    client.on('error', (error) => {
      log.warn({ err: error }, 'a connection for reads was lost')
      lose()
    })
    client.on('end', lose)
    const retire = () => {
      forget(connection)
      const closed = client.end().finally(() => closing.delete(closed))
      closing.add(closed)
    }
    const sending: Sending = { client, state, lane, lose }
    const connection: Promise<PipelinedConnection> = client.connect().then(
      () => ({
        retire,
        send: (statements) => send(sending, statements),
      }),
      (error: unknown) => {
        log.error({ err: error }, 'no connection for reads')
        retire()
        throw unavailable()
      },
    )
    return connection
  }

  const lane: Lane = {
    waiting: 0,
    open: () => (current ??= openNew()),
    async close() {
      const connection = await current?.catch(() => undefined)
      connection?.retire()
      await Promise.all(closing)
    },
  }
  return lane
}

interface Sending {
  readonly client: pg.Client
  readonly state: { lost: boolean }
  readonly lane: Lane
  readonly lose: () => void
}

function send({ client, state, lane, lose }: Sending, statements: readonly Statement[]): Promise<Outcome> {
  lane.waiting += statements.length
  return new Promise((resolve) => {
    const landed = (error: Error | undefined, answers: readonly Answer[]) => {
      lane.waiting -= statements.length
      if (!error) return resolve({ answers, lost: false })
      if (endsSession(error)) lose() // the socket closes a moment later: nobody should write to it until then
      resolve({ answers, error, lost: endsSession(error) || (state.lost && sqlState(error) === undefined) })
    }
    writeWithTheRound(client)
    client.query(new Flight(statements, landed) as unknown as pg.Submittable)
  })
}

/** A write wakes the process of PostgreSQL at its other end, which may then run on the processor of whoever wrote. */
function writeWithTheRound(client: pg.Client) {
  const stream = client.connection.stream as Writable
  if (stream.writableCorked > 0) return
  stream.cork()
  setImmediate(() => stream.uncork())
}
