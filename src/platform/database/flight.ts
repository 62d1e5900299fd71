import pg from 'pg'
import { typeParsers } from './type-parsers.ts'

/** A statement on its way to PostgreSQL; under a name it is prepared once on each connection. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  readonly name?: string | undefined
}

/** What a statement came to: its rows, and the tag that says what it did, such as `INSERT 0 1`. */
export interface Answer {
  readonly rows: object[]
  readonly tag: string
}

/** The answers of the statements up to the first that failed; what stands behind that one was never run. */
export type Landed = (error: Error | undefined, answers: readonly Answer[]) => void

/** The part of pg's connection that writes to the wire; its published types leave it out. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void }
  parse(message: { name: string; text: string }): void
  bind(message: { portal: string; statement: string; values: readonly unknown[] }): void
  describe(message: { type: 'P'; name: string }): void
  execute(message: { portal: string }): void
  close(message: { type: 'S'; name: string }): void
  sync(): void
}

/** How rows are read: their columns in order, and a row to begin with that has them all, so that all are of one shape. */
interface Columns {
  readonly names: readonly string[]
  readonly parsers: readonly ((text: string) => unknown)[]
  readonly blank: Readonly<Record<string, unknown>>
}
const noColumns: Columns = { names: [], parsers: [], blank: {} }

interface Field {
  readonly name: string
  readonly dataTypeID: number
}

/** What a connection knows of a statement that it was sent under a name. */
interface Prepared {
  columns?: Columns
  /** It may be there or not, as what was sent with it failed: it is closed and prepared anew. */
  isDoubtful: boolean
}

const noSuchStatement = '26000'
const preparedOn = new WeakMap<object, Map<string, Prepared>>()
const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils
/** pg sends nothing else down a pipelined client. */
const Query = pg.Query as unknown as new (config: { text: string }, landed: Landed) => { callback: Landed }

/**
 * Statements that go out together before one Sync: one message wakes the server, one wakes this process, and what is not in a transaction
 * already is one of its own (PostgreSQL's documentation, "Message Flow", "Extended Query": what stands between two Syncs). When one
 * fails, PostgreSQL skips those behind it. Columns are described the first time that a connection runs a named statement.
 */
export class Flight extends Query {
  statements: readonly Statement[]
  readonly #answers: Answer[] = []
  /** Those that this flight prepares. */
  readonly #preparing = new Set<number>()
  #known: Map<string, Prepared> | undefined
  #columns: Columns | undefined
  #rows: object[] = []
  /** Why a row could not be read: it fails its statement. */
  #unreadable: Error | undefined

  constructor(statements: readonly Statement[], landed: Landed) {
    super({ text: '' }, landed)
    this.statements = statements
  }

  /** Writes all of it, or answers why nothing was written. */
  submit(wire: Wire): Error | null {
    let values: unknown[][]
    try {
      values = this.statements.map((statement) => statement.values.map((value) => prepareValue(value)))
    } catch (error) {
      return error as Error
    }
    this.#known = knownOn(wire)
    wire.stream.cork()
    for (const [index, statement] of this.statements.entries()) this.#write(wire, index, statement, values[index] ?? [])
    wire.sync()
    wire.stream.uncork()
    return null
  }

  #write(wire: Wire, index: number, { name = '', text }: Statement, values: readonly unknown[]) {
    const known = this.#known?.get(name)
    if (!known || known.isDoubtful) {
      if (known) wire.close({ type: 'S', name })
      wire.parse({ name, text })
      this.#preparing.add(index)
      if (name !== '') this.#known?.set(name, { isDoubtful: false })
    }
    wire.bind({ portal: '', statement: name, values })
    if (!known?.columns || known.isDoubtful) wire.describe({ type: 'P', name: '' })
    wire.execute({ portal: '' })
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }) {
    this.#columns = {
      names: fields.map(({ name }) => name),
      parsers: fields.map(({ dataTypeID }) => typeParsers.getTypeParser(dataTypeID, 'text')),
      blank: Object.fromEntries(fields.map(({ name }) => [name, null])),
    }
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }) {
    if (this.#unreadable) return
    this.#columns ??= this.#prepared()?.columns ?? noColumns
    try {
      this.#rows.push(rowOf(this.#columns, fields))
    } catch (error) {
      this.#unreadable = error as Error
    }
  }

  handleCommandComplete({ text }: { text: string }) {
    if (this.#unreadable) return
    const prepared = this.#prepared()
    if (prepared) prepared.columns ??= this.#columns ?? noColumns
    this.#answers.push({ rows: this.#rows, tag: text })
    this.#columns = undefined
    this.#rows = []
  }

  handleReadyForQuery() {
    this.callback(this.#unreadable, this.#answers)
  }

  handleError(error: Error) {
    const failed = this.#answers.length
    for (const [index, { name = '' }] of this.statements.entries()) {
      const prepared = this.#known?.get(name)
      const isLost = index === failed && (error as pg.DatabaseError).code === noSuchStatement
      if (prepared && index >= failed && (isLost || this.#preparing.has(index))) prepared.isDoubtful = true
    }
    this.callback(error, this.#answers)
  }

  #prepared(): Prepared | undefined {
    const name = this.statements[this.#answers.length]?.name
    return name === undefined ? undefined : this.#known?.get(name)
  }
}

function knownOn(wire: object): Map<string, Prepared> {
  const known = preparedOn.get(wire) ?? new Map<string, Prepared>()
  preparedOn.set(wire, known)
  return known
}

function rowOf({ names, parsers, blank }: Columns, fields: readonly (string | null)[]): object {
  const row: Record<string, unknown> = { ...blank }
  for (let index = 0; index < names.length; index += 1) {
    const text = fields[index]
    if (text != null) row[names[index] as string] = parsers[index]?.(text)
  }
  return row
}
