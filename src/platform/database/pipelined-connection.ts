import type { Writable } from 'node:stream'
import pg from 'pg'
import { unavailable } from '../graphql/errors.ts'
import { endsSession, sqlState } from './database-errors.ts'
import { EnteredQuery, type Entry } from './entered-query.ts'
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
  /** Sends a named statement and what it is read as, in a transaction of their own. */
  sendEntered(entry: Entry, statement: pg.QueryConfig, settled: (outcome: Outcome) => void): void
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
    const sending: Sending = { client, state, lane, lose, prepared: new Set() }
    const connection: Promise<PipelinedConnection> = client.connect().then(
      () => ({
        retire,
        send: (statement, settled) => send(sending, statement, settled),
        sendEntered: (entry, statement, settled) => sendEntered(sending, entry, statement, settled),
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

interface Sending {
  readonly client: pg.Client
  readonly state: { lost: boolean }
  readonly lane: Lane
  readonly lose: () => void
  /** Names of the entries that were sent to be prepared, and did not fail. */
  readonly prepared: Set<string>
}

function send({ client, ...sending }: Sending, statement: pg.QueryConfig, settled: (outcome: Outcome) => void) {
  client.query(statement, settling(sending, settled))
}

function sendEntered(
  { client, prepared, ...sending }: Sending,
  entry: Entry,
  statement: pg.QueryConfig,
  settled: (outcome: Outcome) => void,
) {
  const { name, text, values } = entry
  if (!prepared.has(name)) {
    prepared.add(name)
    // If this fails, so does what is sent behind it, for there is no such statement.
    client.query({ name, text, values: [...values] }, (error: Error | undefined) => error && prepared.delete(name))
  }
  client.query(new EnteredQuery(entry, statement, settling(sending, settled)))
}

/** Counts a statement as waiting until it is answered, and says so once. */
function settling({ state, lane, lose }: Omit<Sending, 'client' | 'prepared'>, settled: (outcome: Outcome) => void) {
  let answered = false
  lane.waiting += 1
  return (error: Error | undefined, answer: Answer) => {
    if (answered) return // pg reports a value that it could not write, and then the end of that statement too
    answered = true
    lane.waiting -= 1
    if (!error) return settled({ answer, lost: false })
    if (endsSession(error)) lose() // the socket closes a moment later: nobody should write to it until then
    settled({ error, lost: endsSession(error) || (state.lost && sqlState(error) === undefined) })
  }
}
