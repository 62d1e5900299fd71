import type { Writable } from 'node:stream'
import pg from 'pg'
import { unavailable } from '../graphql/errors.ts'
import { endsSession, sqlState } from './database-errors.ts'
import type { DatabaseLog } from './types.ts'

export type Answer = pg.QueryResult | readonly pg.QueryResult[]

/** An answer or an error. `lost`: the connection went, so the statement may not have run at all. */
export interface Outcome {
  readonly answer?: Answer
  readonly error?: Error
  readonly lost: boolean
}

/** A connection that is open. Statements sent to it are answered in order. */
export interface PipelinedConnection {
  /** `settled` is called exactly once. */
  send(statement: pg.QueryConfig, settled: (outcome: Outcome) => void): void
  /** What `work` sends leaves the process in one write. */
  together(work: () => void): void
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
    const connection: Promise<PipelinedConnection> = client.connect().then(
      () => ({
        retire,
        send: (statement, settled) => send(client, state, lane, lose, statement, settled),
        together: (work) => corked(client, work),
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

/** A write of its own for each message would be a call of the operating system for each. */
function corked(client: pg.Client, work: () => void) {
  const { connection } = client as unknown as { connection?: { stream?: Writable } }
  connection?.stream?.cork()
  try {
    work()
  } finally {
    connection?.stream?.uncork()
  }
}

function send(
  client: pg.Client,
  state: { lost: boolean },
  lane: Lane,
  lose: () => void,
  statement: pg.QueryConfig,
  settled: (outcome: Outcome) => void,
) {
  let answered = false
  lane.waiting += 1
  client.query(statement, (error: Error | undefined, answer: Answer) => {
    if (answered) return // pg reports a value that it could not write, and then the end of that statement too
    answered = true
    lane.waiting -= 1
    if (!error) return settled({ answer, lost: false })
    if (endsSession(error)) lose() // the socket closes a moment later: nobody should write to it until then
    settled({ error, lost: endsSession(error) || (state.lost && sqlState(error) === undefined) })
  })
}
