import { type Kysely, sql } from 'kysely'
import { migrationNames, migrationsFolder, surveyMigrationsFolder } from './migration-files.ts'

/** A folder of migrations, and the table that says which of them were applied. */
export interface Sequence {
  readonly folder: string
  readonly table: string
  /** It stands on PostGIS: where that is not, the sequence waits. */
  readonly needsPostgis: boolean
}

/** What every database has; another folder takes its place in tests. */
export function mainSequence(folder = migrationsFolder): Sequence {
  return { folder, table: 'kysely_migration', needsPostgis: false }
}

/** Surveys. Applied behind the other sequence, and stands on it. */
export const surveySequence: Sequence = {
  folder: surveyMigrationsFolder,
  table: 'kysely_migration_surveys',
  needsPostgis: true,
}

/**
 * How a database stands to PostGIS: it has the extension; or the server offers it, and a superuser may make it; or the server does
 * not have it. `elsewhere`: it is in another schema than `public`, where our functions do not look.
 */
export type PostgisState = 'made' | 'offered' | 'missing' | 'elsewhere'

export async function postgisState(db: Kysely<unknown>): Promise<PostgisState> {
  const { rows } = await sql<{ schema: string | null; isOffered: boolean }>`
    select (select extnamespace::regnamespace::text from pg_extension where extname = 'postgis') as schema,
      exists (select from pg_available_extensions where name = 'postgis') as "isOffered"`.execute(db)
  const { schema = null, isOffered = false } = rows[0] ?? {}
  if (schema === null) return isOffered ? 'offered' : 'missing'
  return schema === 'public' ? 'made' : 'elsewhere'
}

/** What to do so that there are surveys, as one sentence; null: nothing is left to do but to migrate. */
export function postgisAdvice(state: PostgisState, database = 'kitaab'): string | null {
  if (state === 'made') return null
  if (state === 'offered')
    return `Surveys need PostGIS, which this server offers: run "psql --dbname=${database} --command='create extension postgis schema public'" as a superuser, then "npm run migrate up".`
  if (state === 'elsewhere')
    return 'Surveys need PostGIS in the schema "public", and it is in another one: move or make it there as a superuser, then "npm run migrate up".'
  return 'Surveys need PostGIS, which this server does not have: install it beside PostgreSQL (Debian: postgresql-15-postgis-3), then "npm run migrate up".'
}

export interface MigrationState {
  readonly name: string
  readonly isOfSurveys: boolean
  /** When it was applied (RFC 3339), or null. */
  readonly appliedAt: string | null
  /** False for one that the database has and this version of Kitaab does not know. */
  readonly known: boolean
}

/** Every migration of a sequence that the code or the database knows, in order. */
export async function statesOf(db: Kysely<unknown>, sequence: Sequence): Promise<MigrationState[]> {
  return merged(sequence, await appliedIn(db, sequence))
}

/** The same where nobody has applied any. */
export function unapplied(sequence: Sequence): MigrationState[] {
  return merged(sequence, [])
}

function merged(sequence: Sequence, applied: readonly { name: string; timestamp: string }[]): MigrationState[] {
  const instants = new Map(applied.map(({ name, timestamp }) => [name, timestamp]))
  const known = new Set(migrationNames(sequence.folder))
  const names = [...new Set([...known, ...instants.keys()])].sort()
  return names.map((name) => ({
    name: nameIn(sequence, name),
    isOfSurveys: sequence.needsPostgis,
    appliedAt: instants.get(name) ?? null,
    known: known.has(name),
  }))
}

/** As people are told of it: both sequences begin at 0001. */
export function nameIn({ needsPostgis }: Sequence, name: string): string {
  return needsPostgis ? `postgis/${name}` : name
}

async function appliedIn(db: Kysely<unknown>, { table }: Sequence): Promise<{ name: string; timestamp: string }[]> {
  const { rows } = await sql<{ made: boolean }>`select to_regclass(${`public.${table}`}) is not null as made`.execute(
    db,
  )
  if (!rows[0]?.made) return []
  const applied = sql<{
    name: string
    timestamp: string
  }>`select name, timestamp from ${sql.table(table)} order by name`
  return (await applied.execute(db)).rows
}

/** The sequence whose newest migration was applied last, which is what is taken back first; null: none was. */
export async function newestSequence(db: Kysely<unknown>, sequences: readonly Sequence[]): Promise<Sequence | null> {
  let newest: { sequence: Sequence; at: string } | null = null
  for (const sequence of sequences) {
    const at = (await appliedIn(db, sequence)).at(-1)?.timestamp
    // At the same instant the later sequence, which stands on the earlier one.
    if (at !== undefined && (newest === null || at >= newest.at)) newest = { sequence, at }
  }
  return newest?.sequence ?? null
}
