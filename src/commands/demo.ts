import { Command } from 'commander'
import { demoWorld } from '../../db/demo/world.ts'
import { type Config, loadConfig } from '../config.ts'
import { isEmpty, usersByEmail } from '../domains/transfer/demo/queries.ts'
import type { Demo } from '../explorer.ts'
import type { Connections } from '../platform/database/connections.ts'
import { withKysely } from '../platform/database/migrator.ts'
import { ensureSchema, openDatabase } from './database.ts'
import { progressBar } from './progress-bar.ts'
import { say } from './run.ts'

/** `kitaab demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Make the demo world in the embedded database, if nothing is in it yet. `serve` does so by itself.')
    .action(demo)
}

async function demo(): Promise<void> {
  const config = loadConfig()
  if (config.database.kind === 'addressed') {
    throw new Error(
      'The demo world, whose password is public, is made only on the embedded database: DATABASE_URL is set, so nothing was done.',
    )
  }
  // Not beside a running `serve`: it listens on this machine alone only if it knows of the demo world.
  const database = await openDatabase(config, { command: 'kitaab demo' })
  try {
    await ensureSchema(config, database.connections)
    await makeDemoWorld(database.connections)
  } finally {
    await database.stop()
  }
}

/**
 * The demo world of this database; made first where nothing is in it and the configuration allows. Null where there is none: also
 * on every database that is not the embedded one.
 */
export async function ensureDemoWorld(config: Config, connections: Connections): Promise<Demo | null> {
  if (config.database.kind !== 'embedded') return null
  const administrator = connections.forRole('kitaab_admin')
  if (config.demo && (await withKysely(administrator, isEmpty))) await makeDemoWorld(connections)
  const accounts = [...demoWorld.people, ...demoWorld.staff]
  const found = await withKysely(administrator, (db) =>
    usersByEmail(
      db,
      accounts.map(({ email }) => email),
    ),
  )
  const ids = new Map(found.map(({ email, userId }) => [email, userId]))
  const userId = ids.get(demoWorld.people[0]?.email ?? null)
  if (userId === undefined) return null
  const people = accounts
    .filter(({ email }) => ids.has(email))
    .map(({ fullName, city, email }) => ({ name: fullName, about: city, email, password: demoWorld.password }))
  return { people, userId }
}

async function makeDemoWorld(connections: Connections): Promise<void> {
  // Loaded only where it is made: nearly never.
  const { loadDemoWorld, NotEmpty } = await import('../domains/transfer/demo/load.ts')
  const { makePasswords } = await import('../domains/identity/services/passwords.ts')
  const bar = progressBar('Making the demo world')
  try {
    await withKysely(connections.forRole('kitaab_admin'), (db) =>
      loadDemoWorld(db, demoWorld, { hashPassword: makePasswords().hash, onProgress: bar.show }),
    )
  } catch (error) {
    if (!(error instanceof NotEmpty)) throw error
    throw new Error('There are accounts in this database already: the demo world is made only where nothing is.')
  } finally {
    bar.stop()
  }
  const people = demoWorld.people.map(({ fullName, city, email }) => `${fullName} in ${city} (${email})`)
  const staff = demoWorld.staff.map(({ fullName, city, email }) => `${fullName} of ${city.toLowerCase()} (${email})`)
  say(`The demo world is made: ${[...people, ...staff].join(', ')}. Everybody's password is ${demoWorld.password}.`)
}
