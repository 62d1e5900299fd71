import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { makeDomainDatabases } from '../../../../src/databases.ts'
import { openKeyRing } from '../../../../src/domains/identity/services/key-ring.ts'
import { exportKey, makeExportLinks } from '../../../../src/domains/transfer/archive/export-links.ts'
import { dataExportJobs } from '../../../../src/domains/transfer/jobs/data-exports.ts'
import type { DB } from '../../../../src/generated/database.ts'
import type { JobTools } from '../../../../src/job-tools.ts'
import { withKysely } from '../../../../src/platform/database/migrator.ts'
import { fromGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { makeLocalObjects } from '../../../../src/platform/objects/local-objects.ts'
import type { ObjectStore } from '../../../../src/platform/objects/objects.ts'
import { quietLog } from '../../../support/diaries.ts'
import { runJobs, runTask } from '../../../support/jobs.ts'
import { newUser, type TestPerson } from '../../../support/people.ts'
import { startService, type TestService } from '../../../support/service.ts'
import { archiveSeals, rowsIn, unpack } from './archives.ts'

const EXPORT = /* GraphQL */ `mutation { exportMyData { dataExport { id status progress downloadUrl bytes } } }`
const LOOK = /* GraphQL */ `
  query Look($id: ID!) {
    node(id: $id) { ... on DataExport { id status progress error createdAt finishedAt downloadUrl expiresAt bytes sha256 } }
  }`
const dayMs = 24 * 3_600_000

let service: TestService
let objects: ObjectStore
let links: ReturnType<typeof makeExportLinks>
beforeAll(async () => {
  service = await startService()
  objects = makeLocalObjects(path.join(service.home, 'objects'))
  links = makeExportLinks(openKeyRing({ pem: null, home: service.home }, { onTrouble: () => {} }))
})
afterAll(() => service.stop())

async function newWriter(): Promise<TestPerson> {
  const leila = await newUser(service.database, 'Leila')
  await service.database.admin.query(
    "insert into deeds (user_id, category_type, name, measure_type) values ($1, 'hasanaat', 'Her own', 'count')",
    [leila.userId],
  )
  return leila
}

const ask = (as: TestPerson) => service.execute(EXPORT, {}, { as })
const look = async (as: TestPerson, id: string) => (await service.execute(LOOK, { id }, { as })).data.node
const keyOf = (id: string) => fromGlobalId('DataExport', id)

/** Somebody's export, made. */
async function made(as: TestPerson) {
  const { data } = await ask(as)
  await runJobs(service)
  return look(as, data.exportMyData.dataExport.id)
}

/** What a browser gets by a link. */
function download(url: string) {
  return service.app.http.inject({ method: 'GET', url: new URL(url).pathname })
}

/** Sets back when somebody asked. */
const daysAgo = (as: TestPerson, days: number) =>
  service.database.admin.query("update jobs set created_at = created_at - $2 * interval '1 day' where user_id = $1", [
    as.userId,
    days,
  ])

const auditOf = async (as: TestPerson) =>
  (
    await service.database.admin.query(
      "select action_type as action, actor_id as actor, host(ip_address) as ip from audit_log where user_id = $1 and table_name = 'jobs' order by audit_log_id",
      [as.userId],
    )
  ).rows

test('an export waits, is made by the worker, and is downloaded by its link without a session', async () => {
  const leila = await newWriter()
  const { data } = await ask(leila)
  const { dataExport } = data.exportMyData
  expect(dataExport).toEqual({
    id: expect.any(String),
    status: 'WAITING',
    progress: null,
    downloadUrl: null,
    bytes: null,
  })
  expect((await runJobs(service)).failed).toEqual([])
  const done = await look(leila, dataExport.id)
  expect(done).toMatchObject({ status: 'SUCCEEDED', progress: 1, error: null, finishedAt: expect.any(String) })
  expect(Date.parse(done.expiresAt) - Date.parse(done.finishedAt)).toBeLessThanOrEqual(7 * dayMs + 60_000)

  const answer = await download(done.downloadUrl)
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/zip',
    'content-length': String(done.bytes),
    'content-disposition': expect.stringMatching(/^attachment; filename="kitaab-\d{4}-\d\d-\d\d\.zip"$/),
    'cache-control': 'private, no-store',
  })
  expect(createHash('sha256').update(answer.rawPayload).digest('hex')).toBe(done.sha256)
  const files = await unpack(answer.rawPayload)
  expect(rowsIn(files, 'deeds')).toMatchObject([{ name: 'Her own' }])
  expect(rowsIn(files, 'jobs')).toMatchObject([{ kind: 'data_export', status: 'RUNNING' }])
  expect(await auditOf(leila)).toEqual([
    { action: 'jobs.created', actor: leila.userId, ip: '127.0.0.1' },
    { action: 'jobs.downloaded', actor: null, ip: '127.0.0.1' },
  ])
})

test('over a socket, and only for whoever runs the service on the disk', async () => {
  const leila = await newWriter()
  const { downloadUrl, id, bytes } = await made(leila)
  const url = await service.app.http.listen({ host: '127.0.0.1', port: 0 })
  const answer = await fetch(url + new URL(downloadUrl).pathname)
  expect(answer.status).toBe(200)
  expect((await answer.arrayBuffer()).byteLength).toBe(bytes)
  const file = path.join(service.home, 'objects', exportKey(keyOf(id)))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(path.join(service.home, 'objects'))).mode & 0o777).toBe(0o700)
})

test('SHA-8 nobody else sees an export, and a link that was changed in any place leads nowhere', async () => {
  const [leila, budi] = [await newWriter(), await newWriter()]
  const mine = await made(leila)
  expect((await service.execute(LOOK, { id: mine.id }, { as: budi })).errors).toMatchObject([
    { extensions: { code: 'NOT_FOUND' } },
  ])
  const theirs = await made(budi)
  const [id, seconds, mac] = new URL(mine.downloadUrl).pathname.split('/').at(-1)?.split('.') ?? []
  const [otherId] = new URL(theirs.downloadUrl).pathname.split('/').at(-1)?.split('.') ?? []
  for (const link of [
    `${otherId}.${seconds}.${mac}`,
    `${id}.${Number(seconds) + 1}.${mac}`,
    `${id}.${seconds}.${'A'.repeat(43)}`,
    `${id}.${seconds}`,
    id,
    '../../keys/access-tokens.pem',
    '%2e%2e%2fkeys',
  ]) {
    const answer = await service.app.http.inject({ method: 'GET', url: `/exports/${link}` })
    expect([link, answer.statusCode]).toEqual([link, 404])
  }
  expect((await download(mine.downloadUrl)).statusCode).toBe(200)
})

test('a link that has expired says so, and so does one of an account that is not in use', async () => {
  const leila = await newWriter()
  const { id, downloadUrl } = await made(leila)
  const old = links.sign({ ...keyOf(id), expiresAt: new Date(Date.now() - 1_000) })
  const answer = await service.app.http.inject({ method: 'GET', url: `/exports/${old}` })
  expect(answer.statusCode).toBe(410)
  expect(answer.json().errors[0]).toMatchObject({
    message: 'This link has expired: ask for another export with `exportMyData`.',
  })
  await service.database.admin.query("update users set status = 'suspended' where user_id = $1", [leila.userId])
  expect((await download(downloadUrl)).statusCode).toBe(410)
})

test('the file is removed after seven days, and with it what a worker that died left of one', async () => {
  const leila = await newWriter()
  const { id, downloadUrl } = await made(leila)
  await runTask(service, 'expire_exports', { now: new Date(Date.now() + 6.9 * dayMs) })
  expect(await objects.find(exportKey(keyOf(id)))).not.toBeNull()
  await runTask(service, 'expire_exports', { now: new Date(Date.now() + 7.1 * dayMs) })
  expect(await objects.find(exportKey(keyOf(id)))).toBeNull()
  expect((await download(downloadUrl)).statusCode).toBe(410)
})

test('one is made at a time, also when two are asked for at once; and five in a day', async () => {
  const leila = await newWriter()
  const answers = await Promise.all([ask(leila), ask(leila)])
  expect(answers.flatMap(({ errors }) => errors ?? [])).toMatchObject([
    { extensions: { code: 'CONFLICT', reason: 'IN_PROGRESS' } },
  ])
  for (let made = 1; made < 5; made += 1) {
    await runJobs(service)
    expect((await ask(leila)).errors).toBeUndefined()
  }
  await runJobs(service)
  const [error] = (await ask(leila)).errors ?? []
  expect(error?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) })
  expect(error?.extensions.retryAfter).toBeGreaterThan(dayMs / 1000 - 3_600)
  await daysAgo(leila, 1)
  expect((await ask(leila)).errors).toBeUndefined()
})

test('only the newest is kept: the links before it end', async () => {
  const leila = await newWriter()
  const first = await made(leila)
  const second = await made(leila)
  expect(await look(leila, first.id)).toMatchObject({ status: 'SUCCEEDED', downloadUrl: null })
  expect((await download(first.downloadUrl)).statusCode).toBe(410)
  expect((await download(second.downloadUrl)).statusCode).toBe(200)
  const { data } = await service.execute('{ me { dataExports { id downloadUrl } } }', {}, { as: leila })
  expect(data.me.dataExports).toEqual([
    { id: second.id, downloadUrl: second.downloadUrl },
    { id: first.id, downloadUrl: null },
  ])
})

test('a worker that dies in the middle leaves no half file, and the job is done by the next', async () => {
  const leila = await newWriter()
  const { data } = await ask(leila)
  const { id } = data.exportMyData.dataExport
  // The store takes what comes until the process is gone.
  const dying: ObjectStore = {
    ...objects,
    put: (key, content) =>
      objects.put(
        key,
        (async function* () {
          for await (const chunk of content) {
            yield chunk
            throw new Error('killed')
          }
        })(),
      ),
  }
  await withTools({ objects: dying }, (tools) =>
    expect(dataExportJobs.export_data(keyOf(id), tools)).rejects.toThrow('killed'),
  )
  expect(await look(leila, id)).toMatchObject({ status: 'RUNNING', downloadUrl: null })
  expect(await objects.find(exportKey(keyOf(id)))).toBeNull()
  expect(await readdir(path.join(service.home, 'objects', '.unfinished'))).toEqual([])
  expect((await ask(leila)).errors).toMatchObject([{ extensions: { reason: 'IN_PROGRESS' } }])

  expect((await runJobs(service)).failed).toEqual([])
  const done = await look(leila, id)
  expect(done).toMatchObject({ status: 'SUCCEEDED', progress: 1 })
  expect(rowsIn(await unpack((await download(done.downloadUrl)).rawPayload), 'deeds')).toHaveLength(1)
})

test('an export that ended nobody knows how is given up after a day', async () => {
  const leila = await newWriter()
  const { data } = await ask(leila)
  await service.database.admin.query("delete from graphile_worker._private_jobs where payload ->> 'jobId' = $1", [
    keyOf(data.exportMyData.dataExport.id).jobId,
  ])
  await runTask(service, 'expire_exports', { now: new Date(Date.now() + 1.1 * dayMs) })
  expect(await look(leila, data.exportMyData.dataExport.id)).toMatchObject({
    status: 'FAILED',
    error: 'The export could not be made. Ask for another one.',
  })
  expect((await ask(leila)).errors).toBeUndefined()
})

/** Runs a task as the worker does, with some of the services replaced. */
async function withTools(
  replaced: Partial<JobTools['services']>,
  work: (tools: JobTools) => Promise<void>,
): Promise<void> {
  const { connections } = service.database
  const databases = makeDomainDatabases({ connections, log: quietLog() })
  try {
    await withKysely<void, DB>(connections.forRole('kitaab_worker'), (worker) =>
      work({
        worker,
        databases,
        services: { version: '0', reminders: { seals: archiveSeals }, ...replaced } as JobTools['services'],
        log: quietLog() as never,
        now: () => new Date(),
        signal: new AbortController().signal,
      }),
    )
  } finally {
    await databases.stop()
  }
}
