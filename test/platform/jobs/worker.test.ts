import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Connections } from '../../../src/platform/database/connections.ts'
import { queueRevision } from '../../../src/platform/database/job-queue.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import type { Database } from '../../../src/platform/database/types.ts'
import { enqueueAsWorker } from '../../../src/platform/jobs/enqueue.ts'
import { queueState } from '../../../src/platform/jobs/queue-state.ts'
import type { Tasks } from '../../../src/platform/jobs/tasks.ts'
import { makeWorker, type Worker, type WorkerOptions } from '../../../src/platform/jobs/worker.ts'
import { makeLog } from '../../../src/platform/log.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'
import { type WireProxy, wireProxy } from '../../support/wire-proxy.ts'

type Tools = Parameters<WorkerOptions<never>['toolsFor']>[0]
type Line = { level: string; msg: string; err?: { message: string } }

let database: TestDatabase
let proxy: WireProxy | undefined
const workers: Worker[] = []
const lines: Line[] = []

beforeEach(async () => {
  database = await newDatabase()
  lines.length = 0
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await proxy?.stop()
  proxy = undefined
  await database.stop()
})

function newWorker(
  tasks: Tasks<Tools>,
  {
    connections = database.connections,
    ...options
  }: Partial<WorkerOptions<Tools>> & { connections?: Connections } = {},
): Worker {
  const log = makeLog({ level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line)) } })
  const worker = makeWorker<Tools>({ connections, log, tasks, schedules: [], toolsFor: (own) => own, ...options })
  workers.push(worker)
  return worker
}

/** Asks for a task as another task would. */
async function ask(task: string, payload: Record<string, string> = {}): Promise<void> {
  await withKysely<void>(database.connections.forRole('kitaab_worker'), (db) =>
    enqueueAsWorker(db as Database, task, payload),
  )
}

interface QueuedJob {
  attempts: number
  last_error: string | null
  locked_by: string | null
}

async function queue(): Promise<QueuedJob[]> {
  return (await database.admin.query('select attempts, last_error, locked_by from graphile_worker._private_jobs')).rows
}

/** Asks again and again until it is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('the queue has the revision that the code was written for', async () => {
  // When this fails: bring a migration, perhaps an empty one, and raise the number (src/platform/database/job-queue.ts).
  const { rows } = await database.admin.query('select max(id) as revision from graphile_worker.migrations')
  expect(rows).toEqual([{ revision: queueRevision }])
})

test('a job is done as kitaab_worker, with the clock that it was given, and is then forgotten', async () => {
  const seen: unknown[] = []
  const worker = newWorker({
    async look(payload, { worker: db, now }) {
      const { rows } = await sql<{ role: string }>`select current_user::text as role`.execute(db)
      seen.push(payload, rows[0]?.role, now().toISOString())
    },
  })
  await ask('look', { id: '7' })
  const then = new Date('2031-05-06T07:08:09Z')
  expect(await worker.drain({ now: () => then })).toEqual({ done: ['look'], failed: [] })
  expect(seen).toEqual([{ id: '7' }, 'kitaab_worker', '2031-05-06T07:08:09.000Z'])
  expect(await queue()).toEqual([])
  expect((await database.admin.query('select task, succeeded_at is not null as done from task_runs')).rows).toEqual([
    { task: 'look', done: true },
  ])
})

test('a job that is asked for while the worker runs is done at once, and what it asks for, too', async () => {
  const done: string[] = []
  const worker = newWorker({
    first: async (_, { worker: db }) => {
      done.push('first')
      await enqueueAsWorker(db, 'second', {})
    },
    second: async () => void done.push('second'),
  })
  worker.start()
  await ask('first')
  await until(() => done.length === 2)
  expect(done).toEqual(['first', 'second'])
})

test('two workers at once do each of many jobs once', async () => {
  const done: string[] = []
  const tasks: Tasks<Tools> = { count: async ({ id }) => void done.push(id) }
  const ids = Array.from({ length: 60 }, (_, index) => String(index))
  for (const id of ids) await ask('count', { id })
  newWorker(tasks).start()
  newWorker(tasks).start()
  await until(async () => (await queue()).length === 0)
  expect(done.toSorted()).toEqual(ids.toSorted())
})

test('what fails is tried again later, and its message stays out of the database', async () => {
  const worker = newWorker({
    fail: async () => {
      throw new TypeError('leila@kitaab.example cannot be read')
    },
  })
  await ask('fail')
  expect(await worker.drain()).toEqual({ done: [], failed: ['fail'] })
  expect(lines).toMatchObject([
    { msg: 'a job failed, and is tried again later', err: { type: 'TypeError' }, attempt: 1 },
  ])
  expect(await queue()).toMatchObject([{ attempts: 1, last_error: 'TypeError', locked_by: null }])
})

test('what failed too often is put back when asked to', async () => {
  let broken = true
  const worker = newWorker({
    fail: async () => {
      if (broken) throw new Error('not yet')
    },
  })
  await ask('fail')
  await database.admin.query('update graphile_worker._private_jobs set max_attempts = 1')
  expect((await worker.drain()).failed).toEqual(['fail'])
  expect(await worker.drain()).toEqual({ done: [], failed: [] })
  expect((await queueState(database.connections)).dead).toEqual(['fail'])
  broken = false
  expect(await worker.retryDead()).toBe(1)
  expect((await worker.drain()).done).toEqual(['fail'])
})

test('a job in the hands of a worker that died is taken by another', async () => {
  let done = 0
  await ask('once')
  await database.admin.query(
    "update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now(), attempts = 1",
  )
  newWorker({ once: async () => void done++ }, { lookMs: 10 }).start()
  await until(async () => (await queue()).length === 0)
  expect(done).toBe(1)
  expect(lines).toMatchObject([{ level: 'warn', msg: 'jobs of workers that died are taken again' }])
})

test('a scheduled job that its schedule asked for anew while it ran is replaced, whatever became of it', async () => {
  const schedule = () =>
    database.admin.query("select graphile_worker.add_job('fire', queue_name => 'fire', job_key => 'fire:schedule')")
  let runs = 0
  const worker = newWorker({
    fire: async () => {
      runs += 1
      if (runs > 1) return
      await schedule()
      throw new Error('cut off')
    },
  })
  await schedule()
  expect((await worker.drain()).failed).toEqual(['fire'])
  expect((await worker.drain()).done).toEqual(['fire'])
  expect(await queue()).toMatchObject([{ last_error: 'Error' }])
  expect((await queueState(database.connections)).dead).toEqual([])
  expect(await worker.retryDead()).toBe(0)
})

test('a worker that ends lets its jobs end, and tells long ones', async () => {
  const told: boolean[] = []
  const worker = newWorker(
    {
      long: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          told.push(signal.aborted)
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    },
    { patience: { abortMs: 20, giveUpMs: 5_000 } },
  )
  worker.start()
  await ask('long')
  await until(() => told.length === 1)
  await worker.stop()
  expect(await queue()).toMatchObject([{ locked_by: null, attempts: 1 }])
  expect(lines).toMatchObject([{ level: 'info', msg: 'a job was put back, as the worker ends' }])
})

test('a job that does not heed the end is put back', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let taken = 0
  const worker = newWorker(
    {
      deaf: async () => {
        taken++
        await promise
      },
    },
    { patience: { abortMs: 10, giveUpMs: 30 } },
  )
  worker.start()
  await ask('deaf')
  await until(() => taken === 1)
  await worker.stop()
  expect(await queue()).toMatchObject([{ locked_by: null }])
  resolve()
})

test('a worker that cannot reach the database says so once, and works when it can', async () => {
  proxy = await wireProxy(database.connections)
  proxy.refuse()
  const done: string[] = []
  const worker = newWorker({ count: async ({ id }) => void done.push(id) }, { connections: proxy.connections })
  worker.start()
  await ask('count', { id: 'late' })
  await until(() => lines.length > 0)
  proxy.accept()
  await until(() => done.length === 1)
  // Away in the middle of its work.
  proxy.refuse()
  await until(() => lines.length === 3)
  await ask('count', { id: 'later' })
  proxy.accept()
  await until(() => done.length === 2)
  await until(() => lines.length === 4)
  const away = { level: 'error', msg: 'no jobs are done: the worker cannot reach the database, and tries again' }
  const back = { level: 'info', msg: 'jobs are done again' }
  expect(lines).toMatchObject([away, back, away, back])
})

test('a schedule is asked for at the start where it says so, and once', async () => {
  const done: string[] = []
  const tasks: Tasks<Tools> = {
    often: async () => void done.push('often'),
    seldom: async () => void done.push('seldom'),
  }
  const schedules = [
    { task: 'often', cron: '1 1 1 1 *', purpose: 'a test', atStart: true },
    { task: 'seldom', cron: '1 1 1 1 *', purpose: 'a test' },
  ]
  newWorker(tasks, { schedules }).start()
  await until(async () => done.length === 1 && (await queue()).length === 0)
  expect(done).toEqual(['often'])
})
