import pg from 'pg'

/** A statement that sets, until the next Sync, for whom the statements behind it read. */
export interface Entry {
  readonly name: string
  readonly text: string
  readonly values: readonly string[]
}

/** What pg's own query does on the wire; its published types leave it out. */
interface Wire {
  bind(message: { portal: string; statement: string; values: readonly string[] }): void
  execute(message: { portal: string }): void
}
interface WireQuery extends pg.Query {
  prepare(wire: Wire): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, wire: Wire): void
}
type Settled = (error: Error | undefined, answer: pg.QueryResult) => void

const Query = pg.Query as unknown as new (statement: pg.QueryConfig, settled: Settled) => WireQuery

/**
 * A named statement behind an entry that the connection has prepared, both before one Sync: what stands between two Syncs is one
 * transaction (PostgreSQL's documentation, "Message Flow", "Extended Query"), so neither `begin` nor `commit` is sent, and one wake-up answers it.
 * A failed entry fails the statement as well: PostgreSQL skips everything until the Sync.
 */
export class EnteredQuery extends Query {
  readonly #entry: Entry
  #isEntered = false

  constructor(entry: Entry, statement: pg.QueryConfig, settled: Settled) {
    super(statement, settled)
    this.#entry = entry
  }

  override prepare(wire: Wire) {
    wire.bind({ portal: '', statement: this.#entry.name, values: this.#entry.values })
    wire.execute({ portal: '' })
    super.prepare(wire)
  }

  override handleDataRow(message: unknown) {
    if (this.#isEntered) super.handleDataRow(message)
  }

  override handleCommandComplete(message: unknown, wire: Wire) {
    if (this.#isEntered) super.handleCommandComplete(message, wire)
    this.#isEntered = true
  }
}
