import type { ChildProcess } from 'node:child_process'
import { afterEach, expect, test } from '@jest/globals'
import { addressOf, kitaab } from '../support/command.ts'
import { connected, newDatabase, type TestDatabase } from '../support/database.ts'
import { holdHome } from '../support/held-home.ts'
import { temporaryHomes } from '../support/homes.ts'

const homes = temporaryHomes()
const databases: TestDatabase[] = []
const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.kill('SIGTERM')) await ended
  }
  for (const database of databases.splice(0)) await database.stop()
  homes.removeAll()
})

async function heldHome() {
  const home = homes.newHome()
  const held = await holdHome(home)
  children.push(held.child)
  return { ...held, home }
}

async function migratedDatabase() {
  const database = await newDatabase()
  databases.push(database)
  return {
    database,
    env: {
      DATABASE_URL: addressOf(database.connections, 'kitaab_app'),
      DATABASE_AUTH_URL: addressOf(database.connections, 'kitaab_auth'),
      DATABASE_ADMIN_URL: addressOf(database.connections, 'kitaab_admin'),
      KITAAB_HOME: homes.newHome(),
      PORT: '0',
    },
  }
}

test('a second process on a home is told who holds it', async () => {
  const { home, child } = await heldHome()
  const { code, stderr } = await kitaab(['serve'], { KITAAB_HOME: home })
  expect(code).toBe(1)
  expect(stderr).toBe(
    `"a test" (process ${child.pid}) is already running on ${home}: stop it first, or set another KITAAB_HOME.\n`,
  )
})

test('a command that ends works through the server that is running, and leaves it running', async () => {
  const { home, config } = await heldHome()
  const up = await kitaab(['migrate', 'up'], { KITAAB_HOME: home })
  expect(up).toMatchObject({ code: 0 })
  const client = await connected(config)
  const { rows } = await client
    .query('select count(*)::int > 0 as migrated from kysely_migration')
    .finally(() => client.end())
  expect(rows).toEqual([{ migrated: true }])
})

test('it refuses to serve on a schema older than the code, saying what to run', async () => {
  const { env } = await migratedDatabase()
  await kitaab(['migrate', 'down', '--yes'], env)
  const { code, stderr } = await kitaab(['serve'], env)
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^The database is older than this version of Kitaab: run "npm run migrate up" \(pending: \d{4}_\w+\)\.\n$/,
  )
})

test('it refuses to serve on a schema newer than the code, saying what to run', async () => {
  const { database, env } = await migratedDatabase()
  await database.admin.query(
    "insert into kysely_migration (name, timestamp) values ('9999_tomorrow', '2030-01-01T00:00:00Z')",
  )
  const { code, stderr } = await kitaab(['serve'], env)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^The database is newer than this version of Kitaab: it has 9999_tomorrow\. Run the version/)
})
