import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import { makeWorker, type Worker } from '../../src/platform/jobs/worker.ts'
import { makeLog } from '../../src/platform/log.ts'
import { addressOf, kitaab, startKitaab } from '../support/command.ts'
import { connected, newDatabase, type TestDatabase } from '../support/database.ts'
import { temporaryHomes } from '../support/homes.ts'

const homes = temporaryHomes()
const databases: TestDatabase[] = []
const children: ChildProcess[] = []
const workers: Worker[] = []

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const worker of workers.splice(0)) await worker.stop()
  for (const database of databases.splice(0)) await database.stop()
  homes.removeAll()
})

async function migratedDatabase() {
  const database = await newDatabase()
  databases.push(database)
  const env = {
    DATABASE_URL: addressOf(database.connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(database.connections, 'kitaab_auth'),
    DATABASE_DIRECT_URL: addressOf(database.connections, 'kitaab_worker'),
    KITAAB_HOME: homes.newHome(),
  }
  return { database, env }
}

async function until<T>(found: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const value = await found()
    if (value !== undefined) return value
    await delay(20)
  }
}

function startWorker(env: Record<string, string>) {
  const started = startKitaab(['worker'], env)
  children.push(started.child)
  return started
}

/** Waits until these tasks were done. */
function done(database: TestDatabase, ...names: string[]): Promise<true> {
  return until(async () => {
    const { rows } = await database.admin.query('select task from task_runs where succeeded_at is not null')
    const tasks = rows.map(({ task }) => task)
    return names.every((name) => tasks.includes(name)) || undefined
  })
}

/** A worker in a process of its own that has a job in hand which does not end until it is let go. */
async function hangingWorker({ database, env }: Awaited<ReturnType<typeof migratedDatabase>>) {
  const started = startWorker(env)
  await done(database, 'make_partitions', 'settle_goals')
  await database.admin.query('delete from task_runs')
  const blocker = await connected(database.connections.forRole('kitaab_admin'))
  await blocker.query("begin; select pg_advisory_xact_lock(hashtext('kitaab.ensure_partitions'))")
  await database.admin.query("select graphile_worker.add_job('make_partitions')")
  await until(async () => (await locked(database)).length > 0 || undefined)
  return { ...started, letGo: () => blocker.end() }
}

async function locked(database: TestDatabase): Promise<unknown[]> {
  return (await database.admin.query('select from graphile_worker._private_jobs where locked_by is not null')).rows
}

test('a worker does what its schedules ask for at the start, and ends at SIGTERM', async () => {
  const { database, env } = await migratedDatabase()
  const { child, outcome, stderr } = startWorker(env)
  await done(database, 'make_partitions', 'settle_goals')
  child.kill('SIGTERM')
  expect((await outcome).code).toBe(0)
  expect(stderr()).toBe('The worker runs (Ctrl-C stops it).\nStopping ...\nStopped.\n')
})

test('the job of a worker that was killed in its middle is done by another, once', async () => {
  const world = await migratedDatabase()
  const { database } = world
  const { child, outcome, letGo } = await hangingWorker(world)
  child.kill('SIGKILL')
  await outcome
  let times = 0
  const next = makeWorker({
    connections: database.connections,
    log: makeLog({ level: 'silent' }),
    tasks: { make_partitions: async () => void times++ },
    schedules: [],
    toolsFor: (own) => own,
    lookMs: 50,
  })
  workers.push(next)
  next.start()
  await done(database, 'make_partitions')
  await letGo()
  expect(times).toBe(1)
})

test('a worker that is told to end while a job hangs puts it back, and ends within 10 seconds', async () => {
  const world = await migratedDatabase()
  const { child, outcome, letGo } = await hangingWorker(world)
  child.kill('SIGTERM')
  expect(await Promise.race([outcome, delay(10_000, 'late', { ref: false })])).toMatchObject({ code: 0 })
  expect(await locked(world.database)).toEqual([])
  await letGo()
})

test('"worker --once" does what waits, then ends', async () => {
  const { database, env } = await migratedDatabase()
  await database.admin.query(
    "select graphile_worker.add_job('settle_goals'), graphile_worker.add_job('make_partitions')",
  )
  expect(await kitaab(['worker', '--once'], env)).toMatchObject({
    code: 0,
    stderr: 'Done: 2. Failed, and tried again later: 0.\n',
  })
})
