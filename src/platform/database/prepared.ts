import type { CompiledQuery, Kysely, RawBuilder } from 'kysely'
import type { Database, Tables } from './types.ts'

/** Stands where a value will stand, while a statement is written. */
class Place {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

interface Written<Row> {
  compile(db: Kysely<Tables>): CompiledQuery<Row>
}

/**
 * A statement that is written once, not for each request: to build and compile it takes longer than many a statement runs. `write` gets places
 * instead of values and may only put them into the statement as they are; its text must not depend on them.
 */
export function prepared<Values extends object, Row>(write: (db: Database, values: Values) => Written<Row>) {
  let compiled: CompiledQuery<Row> | undefined
  const places = new Proxy({}, { get: (_, name) => new Place(String(name)) }) as Values
  return async (db: Database, values: Values): Promise<Row[]> => {
    compiled ??= write(db, places).compile(db)
    const parameters = compiled.parameters.map((value) =>
      value instanceof Place ? values[value.name as keyof Values] : value,
    )
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}

/** What Kysely built, to be prepared. */
export function builder<Row>(query: { compile(): unknown; execute(): Promise<Row[]> }): Written<Row> {
  return { compile: () => query.compile() as CompiledQuery<Row> }
}

/** What was written in SQL, to be prepared. */
export function text<Row>(statement: RawBuilder<Row>): Written<Row> {
  return { compile: (db) => statement.compile(db) }
}
