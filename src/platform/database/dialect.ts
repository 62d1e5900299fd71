import type { DatabaseConnection, Driver } from 'kysely'
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { Database, Tables } from './types.ts'

const adapter = new PostgresAdapter()
const compiler = new PostgresQueryCompiler()

/** Where the statements of a Kysely go. */
export interface ConnectionSource {
  acquire(): Promise<DatabaseConnection>
  release(connection: DatabaseConnection): Promise<void>
}

/**
 * Kysely over connections of our own: it writes SQL, and never begins or commits, as that is done where viewer and
 * session are known. It costs about a microsecond, so one is made wherever one is needed.
 */
export function kyselyOver(source: ConnectionSource): Database {
  const driver: Driver = {
    init: async () => {},
    destroy: async () => {},
    acquireConnection: source.acquire,
    releaseConnection: source.release,
    beginTransaction: refuseTransaction,
    commitTransaction: refuseTransaction,
    rollbackTransaction: refuseTransaction,
  }
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => adapter,
      createQueryCompiler: () => compiler,
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
    },
  })
}

/** Kysely over one connection that is there already. */
export function kyselyOn(connection: DatabaseConnection): Database {
  return kyselyOver({ acquire: async () => connection, release: async () => {} })
}

async function refuseTransaction(): Promise<never> {
  throw new Error('Transactions are opened by context.transaction(), which knows the viewer.')
}

/** For connections that answer a statement at once: a cursor would hold up everybody behind it. */
// biome-ignore lint/correctness/useYield: Kysely asks for a generator, and this one only refuses
export async function* refuseStream(): AsyncIterableIterator<never> {
  throw new Error('There are no cursors here: read pages by their keys.')
}
