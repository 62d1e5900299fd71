import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import type { Connections } from './connections.ts'
import { migrateQueue } from './job-queue.ts'
import { migrationProvider, rolesFile, runFile } from './migration-files.ts'
import {
  type MigrationState,
  mainSequence,
  nameIn,
  newestSequence,
  type PostgisState,
  postgisState,
  type Sequence,
  statesOf,
  surveySequence,
  unapplied,
} from './migration-sequences.ts'

/** Which migrations, and of which database; by default both sequences of the project, and the connections' own database. */
export interface MigrationTarget {
  readonly connections: Connections
  readonly database?: string
  /** One sequence from this folder, in place of the project's own two. */
  readonly folder?: string
}

/** A lock that another session holds for longer than this ends the migration instead of holding up the service behind it. */
const lockTimeoutMs = 5_000
/** One number for all who migrate this database: a second migrator waits for the first. */
const migratorLock = 4_826_001

/**
 * Applies all pending migrations, after making roles and extensions where we may, and the job queue's; those of surveys where PostGIS is.
 * Answers the names of those it applied.
 */
export async function migrateUp(target: MigrationTarget): Promise<string[]> {
  await bootstrap(target)
  return withLock(target, async (db) => {
    await migrateQueue(target.connections.forRole('kitaab_admin', target.database))
    const applied: string[] = []
    for (const sequence of sequencesOf(target)) {
      if (sequence.needsPostgis && (await postgisState(db)) !== 'made') continue
      applied.push(...(await applyAll(db, sequence)))
    }
    return applied
  })
}

async function applyAll(db: Kysely<unknown>, sequence: Sequence): Promise<string[]> {
  try {
    return await results(sequence, migratorOf(db, sequence).migrateToLatest())
  } finally {
    // Also after a migration that failed: the table of what was applied stands, and `serve` reads it as this role.
    const grant = `grant select on ${sequence.table} to kitaab_app`
    await sql.raw(`do $$ begin ${grant}; exception when undefined_table then end $$`).execute(db)
  }
}

/** Takes back the newest migration: the one that was applied last. Answers its name, none when there is nothing to take back. */
export async function migrateDown(target: MigrationTarget): Promise<string[]> {
  return withLock(target, async (db) => {
    const sequence = await newestSequence(db, sequencesOf(target))
    return sequence === null ? [] : results(sequence, migratorOf(db, sequence).migrateDown())
  })
}

function sequencesOf({ folder }: MigrationTarget): Sequence[] {
  return folder === undefined ? [mainSequence(), surveySequence] : [mainSequence(folder)]
}

function migratorOf(db: Kysely<unknown>, { folder, table }: Sequence): Migrator {
  return new Migrator({
    db,
    provider: migrationProvider(folder),
    disableTransactions: true,
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  })
}

async function results(sequence: Sequence, run: ReturnType<Migrator['migrateToLatest']>): Promise<string[]> {
  const { error, results: found } = await run
  if (error !== undefined) throw error
  return (found ?? []).map(({ migrationName }) => nameIn(sequence, migrationName))
}

/** Every migration that the code or the database knows, in order; those of surveys last, where PostGIS is. Needs only the application's role. */
export async function migrationStates(target: MigrationTarget): Promise<MigrationState[]> {
  const unmade = () => sequencesOf(target).slice(0, 1).flatMap(unapplied)
  return look(target, unmade, async (db) => {
    const states = []
    for (const sequence of sequencesOf(target)) {
      const those = await statesOf(db, sequence)
      if (!sequence.needsPostgis || isBegun(those) || (await postgisState(db)) === 'made') states.push(...those)
    }
    return states
  })
}

function isBegun(states: readonly MigrationState[]): boolean {
  return states.some(({ appliedAt }) => appliedAt !== null)
}

/** What `migrateDown` would take back; null: nothing. */
export async function newestMigration(target: MigrationTarget): Promise<string | null> {
  return look(
    target,
    () => null,
    async (db) => {
      const sequence = await newestSequence(db, sequencesOf(target))
      const states = sequence === null ? [] : await statesOf(db, sequence)
      return states.findLast(({ appliedAt }) => appliedAt !== null)?.name ?? null
    },
  )
}

/**
 * How the database's schema compares with what this code needs: `older` has pending migrations, `newer` unknown ones. Surveys that were
 * never set up are not missed: see `surveysState`.
 */
export async function schemaState(target: MigrationTarget) {
  const all = await migrationStates(target)
  const surveys = all.filter(({ isOfSurveys }) => isOfSurveys)
  const states = isBegun(surveys) ? all : all.filter(({ isOfSurveys }) => !isOfSurveys)
  const pending = states.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
  const unknown = states.filter(({ known }) => !known).map(({ name }) => name)
  const state = unknown.length > 0 ? 'newer' : pending.length > 0 ? 'older' : 'current'
  return { state, pending, unknown } as const
}

/** Whether the database has PostGIS, and which migrations of surveys are still to be applied. */
export async function surveysState(target: MigrationTarget): Promise<{ postgis: PostgisState; pending: string[] }> {
  return look(
    target,
    () => ({ postgis: 'missing' as const, pending: [] }),
    async (db) => {
      const states = await statesOf(db, surveySequence)
      const pending = states.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
      return { postgis: await postgisState(db), pending }
    },
  )
}

/** Asks as the application; while nobody has made its role, the answer is `unmade`: there is no migration. */
async function look<T>(target: MigrationTarget, unmade: () => T, ask: (db: Kysely<unknown>) => Promise<T>): Promise<T> {
  const { connections, database } = target
  try {
    return await withKysely(connections.forRole('kitaab_app', database), ask)
  } catch (error) {
    if (!isMissingRole(error)) throw error
    return unmade()
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

async function withLock<T>(
  { connections, database }: MigrationTarget,
  work: (db: Kysely<unknown>) => Promise<T>,
): Promise<T> {
  return withKysely({ ...connections.forRole('kitaab_admin', database), lock_timeout: lockTimeoutMs }, async (db) => {
    // Held by the pool's only session until it ends. Kysely's own lock ends with its statement when transactions are off.
    await sql`set lock_timeout = 0`.execute(db)
    await sql`select pg_advisory_lock(${migratorLock})`.execute(db)
    await sql`reset lock_timeout`.execute(db)
    return work(db)
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
