import fs from 'node:fs'
import path from 'node:path'
import { type Kysely, sql } from 'kysely'
import type { Migration, MigrationProvider } from 'kysely/migration'

/** The schema's history, in the project's root. */
export const migrationsFolder = path.resolve(import.meta.dirname, '../../../db/migrations')
/** The history of what needs PostGIS: a sequence of its own, applied behind the other. */
export const surveyMigrationsFolder = path.resolve(import.meta.dirname, '../../../db/migrations-postgis')
/** Roles and extensions: what only a superuser may make. */
export const rolesFile = path.resolve(import.meta.dirname, '../../../db/roles.sql')

const upEnding = '.up.sql'
const downEnding = '.down.sql'

/** The names of the migrations in a folder, in order: `0007_sharing` of `0007_sharing.up.sql`. Each has a `.down.sql`. */
export function migrationNames(folder: string): string[] {
  const files = fs.readdirSync(folder)
  const names = files.filter((file) => file.endsWith(upEnding)).map((file) => file.slice(0, -upEnding.length))
  const alone = names.find((name) => !files.includes(name + downEnding))
  if (alone !== undefined)
    throw new Error(`${path.join(folder, alone + downEnding)} is missing: every migration can go back.`)
  return names.sort()
}

/** The migrations of a folder as Kysely runs them. */
export function migrationProvider(folder: string): MigrationProvider {
  return {
    getMigrations: async () =>
      Object.fromEntries(migrationNames(folder).map((name) => [name, migration(folder, name)])),
  }
}

function migration(folder: string, name: string): Migration {
  return {
    up: (db) => runFile(db, path.join(folder, name + upEnding)),
    down: (db) => runFile(db, path.join(folder, name + downEnding)),
  }
}

/**
 * Runs a file of SQL, in a transaction unless its first line is `-- no transaction`: then statement by statement, each ended
 * by a semicolon at a line's end (so such a file holds no function bodies), and it must bear being run again after a failure.
 * An error names the file and the line.
 */
export async function runFile(db: Kysely<unknown>, file: string): Promise<void> {
  const text = fs.readFileSync(file, 'utf8')
  if (/^-- no transaction\s*$/m.test(text.split('\n', 1)[0] ?? '')) {
    for (const { statement, offset } of statementsOf(text)) await runText(db, file, text, statement, offset)
  } else {
    await db.transaction().execute((tx) => runText(tx, file, text, text, 0))
  }
}

function statementsOf(text: string): { statement: string; offset: number }[] {
  // The last piece is what follows the last semicolon: comments, or nothing.
  const pieces = [...text.matchAll(/.*?(?:;[^\S\n]*(?:--[^\n]*)?(?:\n|$)|$)/gs)]
  const isStatement = (piece: string) => piece.split('\n').some((line) => !/^\s*(?:--.*)?$/.test(line))
  return pieces
    .map((piece) => ({ statement: piece[0], offset: piece.index }))
    .filter(({ statement }) => isStatement(statement))
}

async function runText(db: Kysely<unknown>, file: string, whole: string, text: string, offset: number): Promise<void> {
  try {
    await sql.raw(text).execute(db)
  } catch (error) {
    throw new Error(`${placeOf(error, file, whole, offset)}: ${describe(error)}`, { cause: error })
  }
}

function placeOf(error: unknown, file: string, whole: string, offset: number): string {
  const { position } = error as { position?: string }
  const name = path.relative(process.cwd(), file)
  if (position === undefined) return name
  // PostgreSQL counts characters, not UTF-16 units.
  const before = [...whole.slice(offset)].slice(0, Number(position) - 1).join('')
  return `${name}:${(whole.slice(0, offset) + before).split('\n').length}`
}

function describe(error: unknown): string {
  const { message, detail, hint, where } = error as { message: string; detail?: string; hint?: string; where?: string }
  return [message, detail, hint, where].filter(Boolean).join('\n  ')
}
