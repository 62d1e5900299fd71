import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Databases } from '../../../src/platform/database/databases.ts'
import type { Database, ViewerIdentity } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, newPerson, one, pages } from '../../support/diaries.ts'
import { wireProxy } from '../../support/wire-proxy.ts'
import { makePledges, refusal, writePage, writtenPages } from './diary-transactions.ts'

let world: DiaryWorld
let databases: Databases
let people = 0
let person: ViewerIdentity

beforeAll(async () => {
  world = await diaryWorld()
  databases = world.databases()
  await makePledges(world.database)
  await world.database.superuser.query(`alter database ${world.database.name} set deadlock_timeout = '20ms'`)
})
beforeEach(async () => {
  people += 1
  person = await newPerson(world.database, `person${people}`)
})
afterAll(() => world.stop())

const as = (viewer: ViewerIdentity | null) => databases.forViewer(viewer, { requestId: 'request-1', ip: '192.0.2.7' })
const write = (tx: Database, page: number, text?: string) => writePage(tx, person.userId, page, text)
const own = () => writtenPages(as(person).db)

test('two transactions that lock each other out both succeed: the one that PostgreSQL gives up is run again', async () => {
  let runs = 0
  let arrived = 0
  let bothHold = () => {}
  const both = new Promise<void>((resolve) => {
    bothHold = resolve
  })
  const mark = (first: number, second: number, text: string) =>
    as(person).transaction(async (tx) => {
      runs += 1
      await sql`update diaries set text = text || ${text} where user_id = ${person.userId} and page = ${first}`.execute(
        tx,
      )
      arrived += 1
      if (arrived === 2) bothHold()
      await both
      await sql`update diaries set text = text || ${text} where user_id = ${person.userId} and page = ${second}`.execute(
        tx,
      )
    })
  await Promise.all([mark(1, 2, 'a'), mark(2, 1, 'b')])
  expect(runs).toBe(3)
  for (const text of (await pages(as(person).db)).slice(0, 2)) expect(text).toMatch(/(ab|ba)$/)
})

test('what can never succeed is tried four times and then UNAVAILABLE; only a retry, never its effects', async () => {
  let runs = 0
  const effect = jest.fn()
  const attempt = as(person).transaction(async (tx) => {
    runs += 1
    tx.afterCommit(effect)
    await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(tx)
  })
  expect(await refusal(attempt)).toMatchObject({ code: 'UNAVAILABLE' })
  expect(runs).toBe(4)
  expect(effect).not.toHaveBeenCalled()
})

test('a client that is cut in a transaction does not end the process; nothing was written, and the next one works', async () => {
  const attempt = as(person).transaction(async (tx) => {
    await write(tx, 4)
    const { pid } = await one(tx, sql<{ pid: number }>`select pg_backend_pid() as pid`)
    await world.database.superuser.query('select pg_terminate_backend($1)', [pid])
    await write(tx, 5)
  })
  expect(await refusal(attempt)).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 1, http: { status: 503 } })
  await as(person).transaction((tx) => write(tx, 6, 'later'))
  expect(await own()).toEqual(['later'])
})

test('a client that is cut while the work does something else is found out at the commit, which is not run again', async () => {
  const proxy = await wireProxy(world.database.connections)
  const cut = world.databases({}, proxy.connections)
  let runs = 0
  const effect = jest.fn()
  const attempt = cut.forViewer(person).transaction(async (tx) => {
    runs += 1
    tx.afterCommit(effect)
    await write(tx, 4)
    proxy.cut()
  })
  expect(await refusal(attempt)).toMatchObject({ code: 'UNAVAILABLE', http: { status: 503 } })
  expect([runs, effect.mock.calls.length]).toEqual([1, 0])
  proxy.refuse()
  expect(await refusal(cut.forViewer(person).transaction(async () => {}))).toMatchObject({ code: 'UNAVAILABLE' })
  proxy.accept()
  expect(await cut.forViewer(person).transaction(async () => 'back')).toBe('back')
  await cut.stop()
  await proxy.stop()
})

test('when all connections are taken, the next transaction is UNAVAILABLE instead of waiting for ever', async () => {
  const few = world.databases({ sizes: { transactions: 1 }, connectionTimeoutMs: 100 }).forViewer(person)
  await few.transaction(async () => {
    expect(await refusal(few.transaction(async () => {}))).toMatchObject({ code: 'UNAVAILABLE', http: { status: 503 } })
  })
  expect(await few.transaction(async () => 'free again')).toBe('free again')
})

test('a statement that takes too long is stopped, and its transaction taken back', async () => {
  const { transaction } = world.databases({ statementTimeoutMs: 50 }).forViewer(person)
  const attempt = transaction(async (tx) => {
    await write(tx, 4)
    await sql`select pg_sleep(60)`.execute(tx)
  })
  expect(await refusal(attempt)).toMatchObject({ code: 'UNAVAILABLE', reason: 'STATEMENT_TIMEOUT' })
  expect(await own()).toEqual([])
})

test('a plan that a migration made stale is made anew, in a transaction of its own', async () => {
  const few = world.databases({ sizes: { transactions: 1 } }).forViewer(person)
  const everything = () => few.transaction((tx) => one(tx, sql<{ pledge: number }>`select * from pledges`))
  await world.database.admin.query('insert into pledges values (7)')
  expect(await everything()).toMatchObject({ pledge: 7 })
  await world.database.admin.query('alter table pledges add column kept boolean')
  expect(await everything()).toMatchObject({ pledge: 7, kept: null })
})
