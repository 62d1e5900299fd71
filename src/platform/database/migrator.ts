import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import type { Connections } from './connections.ts'
import { migrateQueue } from './job-queue.ts'
import { migrationNames, migrationProvider, migrationsFolder, rolesFile, runFile } from './migration-files.ts'

/** Which migrations, and of which database; by default the project's own and the connections' own. */
export interface MigrationTarget {
  readonly connections: Connections
  readonly database?: string
  readonly folder?: string
}

export interface MigrationState {
  readonly name: string
  /** When it was applied (RFC 3339), or null. */
  readonly appliedAt: string | null
  /** False for one that the database has and this version of Kitaab does not know. */
  readonly known: boolean
}

/** A lock that another session holds for longer than this ends the migration instead of holding up the service behind it. */
const lockTimeoutMs = 5_000
/** One number for all who migrate this database: a second migrator waits for the first. */
const migratorLock = 4_826_001

/**
 * Applies all pending migrations, after making roles and extensions where we may, and the job queue's. Answers the names of those it
 * applied.
 */
export async function migrateUp(target: MigrationTarget): Promise<string[]> {
  await bootstrap(target)
  return withMigrator(target, async (migrator, db) => {
    try {
      await migrateQueue(target.connections.forRole('kitaab_admin', target.database))
      return await results(migrator.migrateToLatest())
    } finally {
      // Also after a migration that failed: the table of what was applied stands, and `serve` reads it as this role.
      await sql`do $$ begin grant select on kysely_migration to kitaab_app; exception when undefined_table then end $$`.execute(
        db,
      )
    }
  })
}

/** Takes back the newest migration. Answers its name, none when there is nothing to take back. */
export async function migrateDown(target: MigrationTarget): Promise<string[]> {
  return withMigrator(target, (migrator) => results(migrator.migrateDown()))
}

async function results(run: ReturnType<Migrator['migrateToLatest']>): Promise<string[]> {
  const { error, results: found } = await run
  if (error !== undefined) throw error
  return (found ?? []).map(({ migrationName }) => migrationName)
}

/** Every migration that the code or the database knows, in order. Needs only the application's role. */
export async function migrationStates({ connections, database, folder }: MigrationTarget): Promise<MigrationState[]> {
  const applied = new Map(
    (await appliedMigrations(connections.forRole('kitaab_app', database))).map((row) => [row.name, row.timestamp]),
  )
  const known = new Set(migrationNames(folder ?? migrationsFolder))
  const names = [...new Set([...known, ...applied.keys()])].sort()
  return names.map((name) => ({ name, appliedAt: applied.get(name) ?? null, known: known.has(name) }))
}

/** How the database's schema compares with what this code needs: `older` has pending migrations, `newer` unknown ones. */
export async function schemaState(target: MigrationTarget) {
  const states = await migrationStates(target)
  const pending = states.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
  const unknown = states.filter(({ known }) => !known).map(({ name }) => name)
  const state = unknown.length > 0 ? 'newer' : pending.length > 0 ? 'older' : 'current'
  return { state, pending, unknown } as const
}

async function appliedMigrations(config: pg.ClientConfig): Promise<{ name: string; timestamp: string }[]> {
  try {
    return await withClient(config, async (client) => {
      const { rows } = await client.query("select to_regclass('public.kysely_migration') is not null as made")
      if (!rows[0].made) return []
      return (await client.query('select name, timestamp from public.kysely_migration order by name')).rows
    })
  } catch (error) {
    if (isMissingRole(error)) return []
    throw error
  }
}

/** Before the first migration there is nobody yet to log in as, or to become. */
function isMissingRole(error: unknown): boolean {
  const { code, routine } = error as { code?: string; routine?: string }
  return (
    (code === '28000' && routine === 'InitializeSessionUserId') ||
    (code === '22023' && routine === 'call_string_check_hook')
  )
}

/**
 * Roles and extensions. A superuser makes them; any other login finds them made, or is told in one line what to run.
 */
async function bootstrap({ connections, database }: MigrationTarget): Promise<void> {
  const config = connections.forAdministrator(database)
  const missing = await withClient(config, missingPrerequisites)
  if (missing === 'unknown') {
    await withKysely(config, (db) => retried(() => runFile(db, rolesFile)))
  } else if (missing.length > 0) {
    throw new Error(
      `The database lacks ${missing.join(', ')}, which only a superuser may make: ` +
        `run "psql --dbname=${config.database} --file=db/roles.sql" as one, then this again.`,
    )
  }
}

const neededRoles = ['kitaab_admin', 'kitaab_definer', 'kitaab_auth', 'kitaab_app', 'kitaab_worker', 'kitaab_readonly']
const neededExtensions = ['citext', 'btree_gist']

/** What an ordinary login misses; `unknown` for a superuser, who makes it all anyway. */
async function missingPrerequisites(client: pg.Client): Promise<string[] | 'unknown'> {
  const { rows } = await client.query(
    `select (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
            array(select rolname::text from pg_roles) as roles, array(select extname::text from pg_extension) as extensions`,
  )
  const { is_superuser, roles, extensions } = rows[0]
  if (is_superuser) return 'unknown'
  const missingRoles = neededRoles.filter((name) => !roles.includes(name)).map((name) => `role ${name}`)
  return [
    ...missingRoles,
    ...neededExtensions.filter((name) => !extensions.includes(name)).map((name) => `extension ${name}`),
  ]
}

/** Roles belong to the whole server: somebody may be making the same for another database of it at this moment. */
async function retried(work: () => Promise<void>): Promise<void> {
  for (let left = 5; ; left -= 1) {
    try {
      return await work()
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {}
      // Duplicate object, duplicate key of a catalogue, "tuple concurrently updated".
      if (left === 0 || !['42710', '23505', 'XX000'].includes(code ?? '')) throw error
    }
  }
}

async function withMigrator<T>(
  { connections, database, folder }: MigrationTarget,
  work: (migrator: Migrator, db: Kysely<unknown>) => Promise<T>,
): Promise<T> {
  return withKysely({ ...connections.forRole('kitaab_admin', database), lock_timeout: lockTimeoutMs }, async (db) => {
    // Held by the pool's only session until it ends. Kysely's own lock ends with its statement when transactions are off.
    await sql`set lock_timeout = 0`.execute(db)
    await sql`select pg_advisory_lock(${migratorLock})`.execute(db)
    await sql`reset lock_timeout`.execute(db)
    const provider = migrationProvider(folder ?? migrationsFolder)
    return work(new Migrator({ db, provider, disableTransactions: true }), db)
  })
}

/** One connection for this piece of work alone, without a viewer. Fails as node-postgres does. */
export async function withKysely<T, Schema = unknown>(
  config: pg.ClientConfig,
  work: (db: Kysely<Schema>) => Promise<T>,
): Promise<T> {
  const pool = new pg.Pool({ ...config, max: 1, idleTimeoutMillis: 0 })
  pool.on('error', () => {})
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

/** Connects for this piece of work alone. Fails as node-postgres does. */
export async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(config)
  // A server that goes away fails the statement; without a listener it would end the process as well.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
