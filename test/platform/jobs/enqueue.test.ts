import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Databases } from '../../../src/platform/database/databases.ts'
import { makeViewerDatabases } from '../../../src/platform/database/databases.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import type { Database, ViewerIdentity } from '../../../src/platform/database/types.ts'
import { enqueue } from '../../../src/platform/jobs/enqueue.ts'
import {
  failJob,
  finishJob,
  insertJob,
  jobsByKeys,
  reportProgress,
  startJob,
} from '../../../src/platform/jobs/job-rows.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog } from '../../support/diaries.ts'

let database: TestDatabase
let databases: Databases
let leila: ViewerIdentity
let budi: ViewerIdentity

beforeAll(async () => {
  database = await newDatabase()
  databases = makeViewerDatabases({ connections: database.connections, log: quietLog() })
  await database.admin.query("insert into enqueueable_tasks values ('export')")
  leila = await newPerson('leila')
  budi = await newPerson('budi')
})
afterAll(async () => {
  await databases.stop()
  await database.stop()
})

async function newPerson(name: string): Promise<ViewerIdentity> {
  const { rows } = await database.admin.query(
    `with person as (insert into users (email, password_hash) values ($1 || '@kitaab.example', '-') returning user_id)
     insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from person
     returning user_id, session_id`,
    [name],
  )
  return { userId: rows[0].user_id, sessionId: rows[0].session_id, role: 'member' }
}

async function queued(): Promise<unknown[]> {
  const { rows } = await database.admin.query(
    `delete from graphile_worker._private_jobs as job using graphile_worker._private_tasks as task where task.id = job.task_id
     returning identifier as task, payload, key`,
  )
  return rows
}

const asWorker = <T>(work: (worker: Database) => Promise<T>) =>
  withKysely<T>(database.connections.forRole('kitaab_worker'), (db) => work(db as Database))

test('a task is asked for in the transaction, and not when that is rolled back', async () => {
  const { transaction } = databases.forViewer(leila)
  await transaction((tx) => enqueue(tx, 'export', { job: '1' }))
  expect(await queued()).toEqual([{ task: 'export', payload: { job: '1' }, key: null }])
  const broken = transaction(async (tx) => {
    await enqueue(tx, 'export', { job: '2' })
    throw new Error('changed my mind')
  })
  await expect(broken).rejects.toThrow('changed my mind')
  expect(await queued()).toEqual([])
})

test('one that waits under the same key is replaced', async () => {
  const { transaction } = databases.forViewer(leila)
  await transaction((tx) => enqueue(tx, 'export', { job: '1' }, { key: 'mine' }))
  await transaction((tx) => enqueue(tx, 'export', { job: '2' }, { key: 'mine' }))
  expect(await queued()).toEqual([{ task: 'export', payload: { job: '2' }, key: 'export:mine' }])
})

test('a viewer asks for listed tasks alone, and reads or writes nothing of the queue', async () => {
  const { transaction } = databases.forViewer(leila)
  const attempts = [
    transaction((tx) => enqueue(tx, 'settle_goals', {})),
    transaction((tx) => sql`select graphile_worker.add_job('export')`.execute(tx)),
    transaction((tx) => sql`select * from graphile_worker._private_jobs`.execute(tx)),
    transaction((tx) => tx.insertInto('enqueueable_tasks').values({ task: 'settle_goals' }).execute()),
  ]
  for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } })
  expect(await queued()).toEqual([])
})

test('a job is the owner’s alone, and goes from waiting to its end', async () => {
  const job = await databases
    .forViewer(leila)
    .transaction((tx) => insertJob(tx, { userId: leila.userId, kind: 'export', input: { days: 3 } }))
  expect(job).toMatchObject({ status: 'waiting', progress: null, input: { days: 3 }, finishedAt: null })
  expect(await jobsByKeys(databases.forViewer(budi).db.reading([leila.userId]), [job])).toEqual([])

  const expiresAt = new Date('2040-01-02T03:04:05Z')
  await asWorker(async (worker) => {
    expect(await startJob(worker, job)).toMatchObject({ status: 'running', input: { days: 3 } })
    await reportProgress(worker, job, 0.5)
    await reportProgress(worker, job, 0.25)
  })
  expect(await jobsByKeys(databases.forViewer(leila).db, [job])).toMatchObject([
    { status: 'running', progress: '0.500' },
  ])
  await asWorker((worker) => finishJob(worker, job, { rows: 7 }, { expiresAt }))
  const [ended] = await jobsByKeys(databases.forViewer(leila).db, [job])
  expect(ended).toMatchObject({ status: 'succeeded', progress: '1.000', result: { rows: 7 }, error: null })
  expect(ended?.finishedAt).not.toBeNull()
  expect(new Date(ended?.expiresAt ?? '')).toEqual(expiresAt)
})

test('a job that ended is not begun again, and its end does not change', async () => {
  const job = await databases
    .forViewer(leila)
    .transaction((tx) => insertJob(tx, { userId: leila.userId, kind: 'export' }))
  await asWorker(async (worker) => {
    await startJob(worker, job)
    await failJob(worker, job, 'There is nothing to export.')
    expect(await startJob(worker, job)).toBeNull()
    await finishJob(worker, job)
  })
  expect(await jobsByKeys(databases.forViewer(leila).db, [job])).toMatchObject([
    { status: 'failed', error: 'There is nothing to export.' },
  ])
})

test('a viewer asks for a job for nobody else, and does not say that it is done', async () => {
  const { transaction } = databases.forViewer(leila)
  const forBudi = transaction((tx) => insertJob(tx, { userId: budi.userId, kind: 'export' }))
  await expect(forBudi).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } })
  const done = transaction((tx) => tx.updateTable('jobs').set({ status: 'succeeded' }).execute())
  await expect(done).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } })
})
