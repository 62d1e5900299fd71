import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { sql } from 'kysely'
import type { Databases } from '../../../src/platform/database/databases.ts'
import type { Database, ViewerIdentity } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, newPerson, one, pages } from '../../support/diaries.ts'
import { refusal, writePage, writtenPages } from './diary-transactions.ts'

let world: DiaryWorld
let databases: Databases
let people = 0
let person: ViewerIdentity
const taken = () => new GraphQLError('There is such a page.', { extensions: { code: 'CONFLICT' } })

beforeAll(async () => {
  world = await diaryWorld()
  databases = world.databases({ constraintErrors: { diaries_pkey: taken } })
})
beforeEach(async () => {
  people += 1
  person = await newPerson(world.database, `person${people}`)
})
afterAll(() => world.stop())

const as = (viewer: ViewerIdentity | null) => databases.forViewer(viewer, { requestId: 'request-1', ip: '192.0.2.7' })
const write = (tx: Database, page: number, text?: string, userId = person.userId) => writePage(tx, userId, page, text)
const own = () => writtenPages(as(person).db)

test('what the work writes is there after it, and its answer is answered', async () => {
  const answer = await as(person).transaction(async (tx) => {
    const { numAffectedRows } = await write(tx, 4, 'written')
    return { numAffectedRows, seen: await pages(tx) }
  })
  expect(answer).toMatchObject({ numAffectedRows: 1n, seen: { length: 4 } })
  expect(await own()).toEqual(['written'])
})

test('an error of the work takes everything back, and reaches the caller as it is', async () => {
  const refused = new GraphQLError('no')
  const attempt = as(person).transaction(async (tx) => {
    await write(tx, 4)
    throw refused
  })
  await expect(attempt).rejects.toBe(refused)
  expect(await own()).toEqual([])
})

test('policies, triggers and audit read who works, for whom, from where; none of it stays on the connection', async () => {
  const settings = sql<Record<string, string>>`select current_setting('app.user_id', true) as viewer,
    current_setting('app.session_id', true) as session, current_setting('app.request_id', true) as request,
    current_setting('app.ip', true) as ip, current_setting('app.owners', true) as owners,
    current_setting('app.origin', true) as origin, current_setting('transaction_isolation') as isolation`
  const few = world.databases({ sizes: { transactions: 1 } })
  const hostile = { requestId: `'; drop table users; -- \\' \0`, ip: 'fe80::1%eth0' }
  const first = few
    .forViewer(person, hostile)
    .transaction((tx) => one(tx, settings), { owners: ['7', '5', '7'], origin: 'import' })
  expect(await first).toEqual({
    viewer: person.userId,
    session: person.sessionId,
    request: `'; drop table users; -- \\' `,
    ip: 'fe80::1',
    owners: '{5,7}',
    origin: 'import',
    isolation: 'read committed',
  })
  const second = few.forViewer(world.budi, { ip: 'not an address' }).transaction((tx) => one(tx, settings))
  expect(await second).toMatchObject({ viewer: world.budi.userId, request: '', ip: '', owners: '{}', origin: '' })
})

test('SES-2 the first statement of a transaction checks session, status and role', async () => {
  const { admin } = world.database
  const answered = jest.fn()
  const attempt = (viewer: ViewerIdentity | null) =>
    as(viewer).transaction(async (tx) => {
      // Sent right behind the first statement, and answered only to whom that lets in.
      await sql`update diaries set text = text || '+'`.execute(tx)
      answered()
      return 'done'
    })

  expect(await attempt(person)).toBe('done')
  expect(await refusal(attempt(null))).toEqual({ code: 'UNAUTHENTICATED', reason: 'LOGIN_NEEDED' })
  const ended = { code: 'UNAUTHENTICATED', reason: 'SESSION_ENDED' }
  expect(await refusal(attempt({ ...person, sessionId: crypto.randomUUID() }))).toEqual(ended)
  expect(await refusal(attempt({ ...person, sessionId: world.budi.sessionId }))).toEqual(ended)
  expect(await refusal(attempt({ ...person, role: 'admin' }))).toEqual({
    code: 'UNAUTHENTICATED',
    reason: 'TOKEN_EXPIRED',
  })
  expect(await refusal(attempt({ ...person, userId: '999999' }))).toEqual({
    code: 'UNAUTHENTICATED',
    reason: 'ACCOUNT_INACTIVE',
  })

  await admin.query("update sessions set expires_at = now() - interval '1 s' where user_id = $1", [person.userId])
  expect(await refusal(attempt(person))).toEqual(ended)
  const suspended = await newPerson(world.database, 'suspended')
  await admin.query("update users set status = 'suspended' where user_id = $1", [suspended.userId])
  expect(await refusal(attempt(suspended))).toEqual({ code: 'UNAUTHENTICATED', reason: 'ACCOUNT_INACTIVE' })
  expect(answered).toHaveBeenCalledTimes(1)
  const { rows } = await admin.query("select distinct user_id from diaries where text like '%+%'")
  expect(rows).toEqual([{ user_id: person.userId }])
})

test('a session that was revoked ends the next transaction', async () => {
  await as(person).transaction(async () => {})
  await world.database.admin.query('update sessions set revoked_at = now() where user_id = $1', [person.userId])
  expect(await refusal(as(person).transaction(async () => {}))).toMatchObject({ reason: 'SESSION_ENDED' })
})

test('another person row: the policy refuses, and that reads NOT_FOUND', async () => {
  const attempt = as(person).transaction((tx) => write(tx, 9, 'forged', world.budi.userId))
  expect(await refusal(attempt)).toEqual({ code: 'NOT_FOUND' })
})

test('a broken constraint is told by its entry in the table; one without an entry passes through', async () => {
  expect(await refusal(as(person).transaction((tx) => write(tx, 1)))).toEqual({ code: 'CONFLICT' })
  const nothing = as(person).transaction((tx) =>
    sql`insert into diaries values (${person.userId}, 8, null)`.execute(tx),
  )
  await expect(nothing).rejects.toMatchObject({ code: '23502' })
})

test('statements asked for at once run one after the other; none runs after the end', async () => {
  let leaked: Database | undefined
  const answer = await as(person).transaction(async (tx) => {
    leaked = tx
    void write(tx, 5, 'not awaited')
    return Promise.all([1, 2, 3].map((n) => one(tx, sql`select ${n}::int as n`)))
  })
  expect(answer).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(await own()).toEqual(['not awaited'])
  await expect(write(leaked ?? as(person).db, 6)).rejects.toThrow('after the end of its transaction')
})

test('one failing of several at once: those behind it do not slip out of the transaction', async () => {
  // As kitaab_auth, whom the policies would not stop: what slipped out would be committed.
  const rename = (name: string) => sql`update users set full_name = ${name} where user_id = ${person.userId}`
  const attempt = as(null).auth.inTransaction((tx) =>
    Promise.all([sql`select 1 / 0`.execute(tx), ...['a', 'b', 'c'].map((name) => rename(name).execute(tx))]),
  )
  await expect(attempt).rejects.toMatchObject({ code: '22012' })
  const name = sql<{ full_name: string | null }>`select full_name from users where user_id = ${person.userId}`
  expect(await one(as(null).auth, name)).toEqual({ full_name: null })
})

test('kitaab_auth sees accounts before there is a viewer, and its transactions say who and from where', async () => {
  const { auth } = as(null)
  const { count } = await one(
    auth,
    sql<{ count: string }>`select count(*) as count from users where email = 'leila@kitaab.example'`,
  )
  expect(count).toBe('1')
  const settings = sql`select current_user::text as role, current_setting('app.user_id', true) as actor,
    current_setting('app.ip', true) as ip, current_setting('app.request_id', true) as request`
  const inside = auth.inTransaction((tx) => one(tx, settings), { actorId: person.userId })
  expect(await inside).toEqual({ role: 'kitaab_auth', actor: person.userId, ip: '192.0.2.7', request: 'request-1' })
  await expect(pages(auth)).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } })
  await expect(auth.transaction().execute(async () => {})).rejects.toThrow()
})

test('a transaction of kitaab_auth is taken back by an error, and has effects after its commit', async () => {
  const { auth } = as(null)
  const effect = jest.fn()
  const rename = (name: string) => sql`update users set full_name = ${name} where user_id = ${person.userId}`
  const attempt = auth.inTransaction(async (tx) => {
    tx.afterCommit(effect)
    await rename('Forgotten').execute(tx)
    throw new Error('no')
  })
  await expect(attempt).rejects.toThrow('no')
  expect(effect).not.toHaveBeenCalled()
  await auth.inTransaction(async (tx) => {
    tx.afterCommit(effect)
    await rename('Remembered').execute(tx)
  })
  expect(effect).toHaveBeenCalledTimes(1)
  const { full_name } = await one(
    auth,
    sql<{ full_name: string }>`select full_name from users where user_id = ${person.userId}`,
  )
  expect(full_name).toBe('Remembered')
})
