import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import { addressOf, kitaab, startKitaab } from '../support/command.ts'
import { connected, newDatabase, type TestDatabase } from '../support/database.ts'
import { holdHome, postmasterOf } from '../support/held-home.ts'
import { temporaryHomes } from '../support/homes.ts'

const homes = temporaryHomes()
const databases: TestDatabase[] = []
const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
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

/** Serves in a process of its own, and answers when that says where. */
async function serve(env: Record<string, string>) {
  const started = startKitaab(['serve'], { PORT: '0', ...env })
  children.push(started.child)
  for (;;) {
    const url = /listens on (http:\S+)/.exec(started.stderr())?.[1]
    if (url !== undefined) return { ...started, url }
    if (started.child.exitCode !== null) throw new Error(`it ended: ${started.stderr()}`)
    await delay(20)
  }
}

async function becomesReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok))) await delay(20)
}

/** The data directory of a home that nobody served before, and is served now. */
function dataOf(home: string): string {
  const found = fs.readdirSync(home).find((name) => /^postgres-\d+$/.test(name))
  return path.join(home, found ?? 'postgres-missing')
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a first start serves a migrated database, and %s ends service and PostgreSQL',
  async (signal) => {
    const home = homes.newHome()
    const { child, outcome, url } = await serve({ KITAAB_HOME: home })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    await becomesReady(url)
    const postmaster = postmasterOf(dataOf(home))
    child.kill(signal)
    expect(await outcome).toMatchObject({ code: 0, stderr: expect.stringMatching(/Stopping \.\.\.\nStopped\.\n$/) })
    expect(() => process.kill(postmaster, 0)).toThrow('ESRCH')
    expect(fs.existsSync(path.join(dataOf(home), 'postmaster.pid'))).toBe(false)
    expect(fs.existsSync(path.join(home, 'lock.json'))).toBe(false)
  },
)

test('Ctrl-C while the first start makes the database leaves nothing of it, and says so', async () => {
  const home = homes.newHome()
  const isBeingMade = () => fs.existsSync(home) && fs.readdirSync(home).some((name) => name.endsWith('.new'))
  const { child, outcome } = startKitaab(['serve'], { KITAAB_HOME: home, PORT: '0' }, { ownGroup: true })
  while (!isBeingMade() && child.exitCode === null) await delay(5)
  process.kill(-(child.pid ?? 0), 'SIGINT')
  const { code, stdout, stderr } = await outcome
  const interrupted = 'The first start was interrupted: nothing is left of it, and the next one begins anew.'
  // Whoever comes so late that the database is made is told of a service that stops, and it never listened.
  expect([stdout, stderr]).toEqual(['', `Stopping ...\n${code === 0 ? 'Stopped.' : interrupted}\n`])
  const left = fs.readdirSync(home).filter((name) => name.endsWith('.new') || name === 'lock.json')
  expect([left, code === 0 || !fs.existsSync(dataOf(home))]).toEqual([[], true])
})

test('SIGTERM before it listens ends it after the step that is under way', async () => {
  const { database, env } = await migratedDatabase()
  await database.admin.query('begin')
  await database.admin.query('lock table kysely_migration')
  const { child, outcome, stderr } = startKitaab(['serve'], env)
  const isWaiting = async () => {
    const { rowCount } = await database.admin.query("select from pg_locks where not granted and locktype = 'relation'")
    return rowCount !== 0
  }
  while (!(await isWaiting())) await delay(20)
  child.kill('SIGTERM')
  while (stderr() === '') await delay(20)
  await database.admin.query('rollback')
  expect(await outcome).toEqual({ code: 0, stdout: '', stderr: 'Stopping ...\nStopped.\n' })
})

test('a PostgreSQL that is killed while serving comes back, and the service with it', async () => {
  const home = homes.newHome()
  const { child, url, stderr } = await serve({ KITAAB_HOME: home })
  await becomesReady(url)
  process.kill(postmasterOf(dataOf(home)), 'SIGKILL')
  while (!stderr().includes('starting it again')) await delay(20)
  await becomesReady(url)
  expect(child.exitCode).toBeNull()
})

test('after a kill of the service the next one takes its PostgreSQL over', async () => {
  const home = homes.newHome()
  const killed = await serve({ KITAAB_HOME: home })
  const postmaster = postmasterOf(dataOf(home))
  killed.child.kill('SIGKILL')
  await killed.outcome
  expect(() => process.kill(postmaster, 0)).not.toThrow()
  const next = await serve({ KITAAB_HOME: home })
  await becomesReady(next.url)
  expect(postmasterOf(dataOf(home))).not.toBe(postmaster)
})

test('with an address it serves that database, and starts none of its own', async () => {
  const { env } = await migratedDatabase()
  const { url, child, outcome } = await serve(env)
  await becomesReady(url)
  child.kill('SIGTERM')
  expect((await outcome).code).toBe(0)
  expect(fs.existsSync(path.join(env.KITAAB_HOME, 'lock.json'))).toBe(false)
})

test('a port that is taken is one line, and neither PostgreSQL nor a lock is left behind', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const home = homes.newHome()
  const { code, stderr } = await kitaab(['serve'], { KITAAB_HOME: home, PORT: String(port) })
  taken.close()
  expect(code).toBe(1)
  expect(stderr).toContain(`address already in use 127.0.0.1:${port}: set another PORT\n`)
  expect(fs.existsSync(path.join(dataOf(home), 'postmaster.pid'))).toBe(false)
  expect(fs.existsSync(path.join(home, 'lock.json'))).toBe(false)
})

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
