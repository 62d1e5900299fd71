import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runTask } from '../../support/jobs.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'

let service: TestService
let leila: TestPerson
beforeAll(async () => {
  service = await startService()
  leila = await newUser(service.database, 'leila')
})
afterAll(() => service.stop())

const inDays = (count: number) => new Date(Date.now() + count * 24 * 60 * 60 * 1000)
const forget = (now: Date) => runTask(service, 'forget_expired', { now })

async function sql(text: string, ...values: unknown[]) {
  return (await service.database.superuser.query(text, values)).rows
}
const count = async (table: string, condition = 'true') =>
  (await sql(`select count(*)::int as count from ${table} where ${condition}`))[0].count

test('links, failures to log in and keys of requests go when they are of no use', async () => {
  await sql(
    "insert into one_time_tokens (user_id, purpose, token_hash, expires_at) values ($1, 'verify_email', 'a', now() + interval '1 day')",
    leila.userId,
  )
  await sql("insert into login_failures (account, ip) values ('leila@kitaab.example', '203.0.113.7')")
  await sql(
    "insert into idempotency_keys (user_id, key, operation, request_hash) values ($1, 'k', 'o', 'h')",
    leila.userId,
  )
  const left = async () => [
    await count('one_time_tokens'),
    await count('login_failures'),
    await count('idempotency_keys'),
  ]
  await forget(inDays(0))
  expect(await left()).toEqual([1, 1, 1])
  await forget(inDays(1.5))
  expect(await left()).toEqual([1, 0, 1])
  await forget(inDays(2.1))
  expect(await left()).toEqual([0, 0, 0])
})

test('sessions go 30 days after they ended', async () => {
  await sql(
    "insert into sessions (user_id, expires_at, revoked_at) values ($1, now() + interval '90 days', now())",
    leila.userId,
  )
  await forget(inDays(29))
  expect(await count('sessions', 'revoked_at is not null')).toBe(1)
  await forget(inDays(30.1))
  expect(await count('sessions', 'revoked_at is not null')).toBe(0)
  expect(await count('sessions')).toBe(1)
})

test.each([
  ['user_settings', "(user_id, key, value, deleted_at) values ($1, 'theme', '1', now())"],
  ['resources', "(user_id, type, name, deleted_at) values ($1, 'book', 'gone', now())"],
])('what was deleted of %s goes after 90 days', async (table, row) => {
  await sql(`insert into ${table} ${row}`, leila.userId)
  await forget(inDays(89))
  expect(await count(table)).toBe(1)
  await forget(inDays(91))
  expect(await count(table)).toBe(0)
})

test('a reflection that was deleted goes after 90 days', async () => {
  await sql(
    "insert into reflection_messages (user_id, reflection_date, type, message, deleted_at) values ($1, current_date, 'general', 'gone', now())",
    leila.userId,
  )
  await forget(inDays(89))
  expect(await count('reflection_messages')).toBe(1)
  await forget(inDays(91))
  expect(await count('reflection_messages')).toBe(0)
})

test('a job goes when it expires, with the object that its result names', async () => {
  await sql(
    `insert into jobs (user_id, kind, status, finished_at, result, expires_at)
     values ($1, 'export', 'succeeded', now(), '{"objectKey": "exports/5/a.zip"}', now() + interval '1 day')`,
    leila.userId,
  )
  await sql("insert into jobs (user_id, kind) values ($1, 'export')", leila.userId)
  await forget(inDays(0.9))
  expect(await count('jobs')).toBe(2)
  await forget(inDays(1.1))
  expect(await count('jobs')).toBe(1)
})

test('months of the change log go 90 days after they ended, and none earlier whatever the clock says', async () => {
  await sql(`
    create table change_log_2020_01 (like change_log including defaults including constraints);
    alter table change_log attach partition change_log_2020_01 for values from ('2020-01-01') to ('2020-02-01')`)
  const months = async () =>
    (
      await sql(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'change_log'::regclass order by 1",
      )
    ).map(({ name }) => name)
  const before = await months()
  expect(before[0]).toBe('change_log_2020_01')
  await forget(new Date('2020-03-01T00:00:00Z'))
  expect(await months()).toEqual(before)
  await forget(inDays(3_000))
  expect(await months()).toEqual(before.slice(1))
})

test('SHA-2 a request that nobody answered ends after 30 days', async () => {
  const budi = await newUser(service.database, 'budi')
  const request =
    "insert into relations (requestee_id, requester_id, sent_to, created_at) values ($1, $2, 'leila', now() - $3::interval)"
  await sql(request, leila.userId, budi.userId, '31 days')
  const maryam = await newUser(service.database, 'maryam')
  await sql(request, leila.userId, maryam.userId, '29 days')
  await runTask(service, 'end_unanswered_requests')
  expect(await sql('select requester_id from relations where deleted_at is null')).toEqual([
    { requester_id: maryam.userId },
  ])
  expect(await sql('select user_id from relation_requests where ended_at is null')).toEqual([
    { user_id: maryam.userId },
  ])
})

test('partitions are made ahead', async () => {
  const last = "select max(inhrelid::regclass::text) as name from pg_inherits where inhparent = 'entries'::regclass"
  const [{ name }] = await sql(last)
  await sql(`drop table ${name}`)
  await runTask(service, 'make_partitions')
  expect(await sql(last)).toEqual([{ name }])
})
