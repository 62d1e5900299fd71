import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { sql } from 'kysely'
import type { Databases } from '../../../src/platform/database/databases.ts'
import { makeListeners } from '../../../src/platform/database/listeners.ts'
import type { Database, ViewerIdentity } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, extensionsOf, newPerson, one, pages, quietLog } from '../../support/diaries.ts'
import { wireProxy } from '../../support/wire-proxy.ts'

declare module '../../../src/platform/database/listeners.ts' {
  interface Announcements {
    pageWritten: { page: number }
  }
}

let world: DiaryWorld
let databases: Databases
let people = 0
let person: ViewerIdentity
const log = quietLog()
const taken = () => new GraphQLError('There is such a page.', { extensions: { code: 'CONFLICT' } })

beforeAll(async () => {
  world = await diaryWorld()
  databases = world.databases({ log, constraintErrors: { diaries_pkey: taken } })
  await world.database.admin.query(`
    create table pledges (pledge integer primary key, follows integer references pledges deferrable initially deferred);
    grant insert, select on pledges to kitaab_app`)
  await world.database.superuser.query(`alter database ${world.database.name} set deadlock_timeout = '20ms'`)
})
beforeEach(async () => {
  people += 1
  person = await newPerson(world.database, `person${people}`)
})
afterAll(() => world.stop())

const as = (viewer: ViewerIdentity | null) => databases.forViewer(viewer, { requestId: 'request-1', ip: '192.0.2.7' })

function write(tx: Database, page: number, text = 'new', userId = person.userId) {
  return sql`insert into diaries (user_id, page, text) values (${userId}, ${page}, ${text})`.execute(tx)
}

async function refusal(attempt: Promise<unknown>) {
  const error: unknown = await attempt.then(
    () => 'nothing was refused',
    (reason: unknown) => reason,
  )
  return extensionsOf(error)
}

const own = async () => (await pages(as(person).db)).slice(3)

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
  const works = jest.fn(async () => 'done')
  const attempt = (viewer: ViewerIdentity | null) => as(viewer).transaction(works)

  expect(await attempt(person)).toBe('done')
  expect(await refusal(attempt(null))).toEqual({ code: 'UNAUTHENTICATED' })
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
  expect(works).toHaveBeenCalledTimes(1)
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

test('effects run after the commit, in order, and see it; their failure is logged and harms nobody', async () => {
  const seen: unknown[] = []
  await as(person).transaction(async (tx) => {
    tx.afterCommit(async () => seen.push(await own()))
    tx.afterCommit(() => {
      throw new Error('the mail server is down')
    })
    tx.afterCommit(() => seen.push('third'))
    await write(tx, 4, 'committed')
    seen.push('work')
  })
  expect(seen).toEqual(['work', ['committed'], 'third'])
  expect(log.messages).toContain('an effect after a commit failed')
})

test('effects do not run when only the commit fails', async () => {
  const effect = jest.fn()
  const attempt = as(person).transaction(async (tx) => {
    tx.afterCommit(effect)
    await sql`insert into pledges values (1, 2)`.execute(tx)
  })
  await expect(attempt).rejects.toMatchObject({ code: '23503' })
  expect(effect).not.toHaveBeenCalled()
})

test('an error that the work catches fails the transaction all the same: its commit would be a rollback', async () => {
  const effect = jest.fn()
  const attempt = as(person).transaction(async (tx) => {
    await write(tx, 4)
    tx.afterCommit(effect)
    await sql`select 1 / 0`.execute(tx).catch(() => {})
    return 'all is well'
  })
  await expect(attempt).rejects.toMatchObject({ code: '22012' })
  expect(await own()).toEqual([])
  expect(effect).not.toHaveBeenCalled()
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

test('listeners run in the transaction, in the order of their registration, and may refuse', async () => {
  const listeners = makeListeners()
  const heard: string[] = []
  listeners.on('pageWritten', async (tx, { page }) => {
    heard.push(`first ${page} of ${(await pages(tx)).length}`)
    await write(tx, page + 1, 'by the listener')
  })
  listeners.on('pageWritten', async (_tx, { page }) => {
    heard.push(`second ${page}`)
    if (page === 7) throw new GraphQLError('not seven')
  })
  const { transaction } = world.databases({ listeners }).forViewer(person)
  const record = (page: number) =>
    transaction(async (tx) => {
      await write(tx, page, `page ${page}`)
      await tx.announce('pageWritten', { page })
    })
  await record(4)
  await expect(record(7)).rejects.toThrow('not seven')
  expect(heard).toEqual(['first 4 of 4', 'second 4', 'first 7 of 6', 'second 7'])
  expect(await own()).toEqual(['page 4', 'by the listener'])
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
