import http from 'node:http'
import { afterAll, afterEach, expect, test } from '@jest/globals'
import { buildApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { makeLog } from '../../../src/platform/log.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'
import { temporaryHomes } from '../../support/homes.ts'
import { newUser } from '../../support/people.ts'
import { testToken } from '../../support/service.ts'

const homes = temporaryHomes()
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

afterAll(() => homes.removeAll())

async function started(variables: Record<string, string>) {
  const database: TestDatabase = await newDatabase()
  ends.push(() => database.stop())
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    KITAAB_HOME: homes.newHome(),
    WORKER: 'off',
    EXPLORER: 'off',
    ...variables,
  })
  const app = await buildApp(config, {
    connections: database.connections,
    log: makeLog({ level: 'silent' }),
    verifyAccessToken: (token) => JSON.parse(Buffer.from(token.slice('test.'.length), 'base64url').toString()),
  })
  ends.push(() => app.stop())
  const { url, metricsUrl } = await app.start()
  const leila = await newUser(database, 'leila')
  const ask = (query: string, as: typeof leila | null = leila) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${testToken(as)}` }) },
      body: JSON.stringify({ query }),
    }).then((answer) => answer.text())
  return { app, database, url, metricsUrl, leila, ask }
}

async function told(url: string | null): Promise<Map<string, string>> {
  const text = await (await fetch(url ?? '')).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]))
}

test('without METRICS_PORT nothing is told anywhere', async () => {
  const { metricsUrl, url } = await started({})
  expect(metricsUrl).toBeNull()
  expect((await fetch(`${url}/metrics`)).status).toBe(404)
})

test('requests are told by what they ask of the root and how they ended, never by what clients call them', async () => {
  const { metricsUrl, url, ask, leila } = await started({ METRICS_PORT: '0' })
  await ask('query SecretName { me { id } }')
  await ask('{ me { id } }')
  await ask('{ me { id } }', null)
  await ask('{ a: me { id } b: me { id } }')
  await ask('{ nothing }')
  const metrics = await told(metricsUrl)
  const requests = [...metrics].filter(([name]) => name.startsWith('kitaab_requests_total'))
  expect(Object.fromEntries(requests)).toEqual({
    'kitaab_requests_total{operation="query me",code="OK"}': '2',
    'kitaab_requests_total{operation="query me",code="UNAUTHENTICATED"}': '1',
    'kitaab_requests_total{operation="query several",code="OK"}': '1',
    'kitaab_requests_total{operation="none",code="BAD_USER_INPUT"}': '1',
  })
  expect(metrics.get('kitaab_request_seconds_count{operation="query me"}')).toBe('3')
  const text = [...metrics.keys()].join('\n')
  expect(text).not.toContain('SecretName')
  expect(text).not.toContain(leila.name)
  // Not where everybody is served.
  expect((await fetch(`${url}/metrics`)).status).toBe(404)
})

test('the engine, the pools, the cache, the queue and the event loop are told', async () => {
  const { metricsUrl, ask, app, database } = await started({ METRICS_PORT: '0' })
  await ask('{ me { user { deeds { id } } } }')
  await database.admin.query(
    "select graphile_worker.add_job('keep_statistics', '{}', run_at => now() - interval '1 hour')",
  )
  const before = await told(metricsUrl)
  expect(before.get('kitaab_executions_total{engine="compiled"}')).toBe('1')
  expect(before.get('kitaab_pool_connections{pool="transactions",state="waiting"}')).toBe('0')
  expect(before.get('kitaab_reads_in_flight')).toBe('0')
  expect(before.get('kitaab_cache_events_total{event="errors"}')).toBe('0')
  expect(before.get('kitaab_jobs_overdue')).toBe('1')
  expect(Number(before.get('kitaab_jobs_overdue_seconds'))).toBeGreaterThan(3_500)
  expect(before.get('kitaab_tasks_dead')).toBe('0')
  expect(before.has('nodejs_eventloop_lag_seconds')).toBe(true)
  await (await app.worker()).drain()
  expect((await told(metricsUrl)).get('kitaab_jobs_overdue')).toBe('0')
})

test('a queue that can not be asked is told as not known, and all else as ever', async () => {
  const { metricsUrl, database } = await started({ METRICS_PORT: '0' })
  await database.admin.query('revoke usage on schema graphile_worker from kitaab_worker')
  const metrics = await told(metricsUrl)
  expect(metrics.get('kitaab_jobs_overdue')).toBe('Nan')
  expect(metrics.has('nodejs_eventloop_lag_seconds')).toBe(true)
})

test('there is nothing but /metrics, and nothing to be sent', async () => {
  const { metricsUrl } = await started({ METRICS_PORT: '0' })
  const { origin } = new URL(metricsUrl ?? '')
  expect((await fetch(`${origin}/`)).status).toBe(404)
  expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(404)
  expect(new URL(origin).hostname).toBe('127.0.0.1')
})

test('a port that is taken ends the start with a reason', async () => {
  const taken = http.createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  ends.push(() => new Promise((resolve) => taken.close(resolve)))
  const { port } = taken.address() as { port: number }
  await expect(started({ METRICS_PORT: String(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
