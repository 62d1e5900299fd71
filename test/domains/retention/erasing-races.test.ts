import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type pg from 'pg'
import { connected } from '../../support/database.ts'
import { until } from '../../support/diaries.ts'
import { runTask } from '../../support/jobs.ts'
import { newUser } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'

let service: TestService
let writer: pg.Client
let leaver: string

beforeAll(async () => {
  service = await startService()
  writer = await connected(service.database.connections.forAdministrator())
  await writer.query("set deadlock_timeout = '1min'") // it is the erasure that falls to a deadlock
})
beforeEach(async () => {
  leaver = (await newUser(service.database, 'leaver')).userId
  await service.database.admin.query("update users set closes_at = now() + interval '30 days' where user_id = $1", [
    leaver,
  ])
  await writer.query('begin')
})
afterEach(() => writer.query('rollback'))
afterAll(async () => {
  await writer.end()
  await service.stop()
})

const lockDiary = () => writer.query('select from owner_state where user_id = $1 for no key update', [leaver])
/** What a reference to the owner does to their row. */
const lockOwner = () => writer.query('select from users where user_id = $1 for key share', [leaver])
const erase = () =>
  runTask(service, 'erase_accounts', { now: new Date(Date.now() + 31 * 24 * 60 * 60 * 1000) }).then(() => 'erased')
const erasureWaits = () =>
  until(
    service.database,
    "exists (select from pg_stat_activity where datname = current_database() and usename = 'kitaab_worker' and wait_event_type = 'Lock')",
  )
const leaverNow = async () =>
  (await service.database.admin.query('select status, closes_at from users where user_id = $1', [leaver])).rows

test.each([
  ['lets those end who write for the diary already', lockDiary, lockOwner],
  ['that fell to a deadlock is done all the same', lockOwner, lockDiary],
])('an erasure %s', async (_what, lockBefore, lockThen) => {
  await lockBefore()
  const erasing = erase()
  await erasureWaits()
  await lockThen()
  await writer.query('commit')
  expect(await erasing).toBe('erased')
  expect(await leaverNow()).toEqual([{ status: 'erased', closes_at: null }])
})
