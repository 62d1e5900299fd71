import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { changePassword } from '../../../src/domains/identity/change-password.ts'
import { logIn } from '../../../src/domains/identity/log-in.ts'
import { noteAttempt } from '../../../src/domains/identity/queries/accounts.ts'
import { type IdentityServices, makeIdentityServices } from '../../../src/domains/identity/services.ts'
import { type Databases, makeViewerDatabases } from '../../../src/platform/database/databases.ts'
import type { Database } from '../../../src/platform/database/types.ts'
import { makeLog } from '../../../src/platform/log.ts'
import { extensionsOf, quietLog } from '../../support/diaries.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome, password, peopleOf, tokenIn } from './people.ts'

let service: TestService
let databases: Databases
let identity: IdentityServices
let people: ReturnType<typeof peopleOf>
beforeAll(async () => {
  service = await startService({ ownTokens: true, config: { trustedProxies: 1 } })
  people = peopleOf(service)
  databases = makeViewerDatabases({ connections: service.database.connections, log: quietLog() })
  const log = makeLog({ level: 'silent' })
  identity = await makeIdentityServices({
    home: service.home,
    jwtPrivateKey: null,
    smtpUrl: null,
    mailFrom: 'k@localhost',
    log,
  })
})
afterAll(async () => {
  await databases.stop()
  await service.stop()
})

const wrong = { password: 'not the right one' }
const counted = (outcomes: string[]) =>
  outcomes.reduce<Record<string, number>>((sum, one) => Object.assign(sum, { [one]: (sum[one] ?? 0) + 1 }), {})

test('SES-1 an unknown address and a wrong password are answered alike', async () => {
  await people.register({ email: 'alike@kitaab.example' })
  const [known, unknown] = [
    await people.logIn('alike@kitaab.example', wrong),
    await people.logIn('nobody@kitaab.example', wrong),
  ]
  expect(outcome(known)).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  expect(unknown.errors).toEqual(known.errors)
})

test('SES-1 after five failures an account is closed to that address, not to others; a success forgets them', async () => {
  const email = 'five@kitaab.example'
  await people.register({ email })
  const fail = (ip: string) => people.logIn(email, wrong, ip)
  for (let n = 0; n < 4; n += 1) await fail('192.0.2.1')
  expect(outcome(await people.logIn(email, {}, '192.0.2.1'))).toBe('ok')
  for (let n = 0; n < 5; n += 1) expect(outcome(await fail('192.0.2.1'))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  const refused = await people.logIn(email, {}, '192.0.2.1')
  expect(outcome(refused)).toBe('RATE_LIMITED')
  expect(refused.errors?.[0]?.extensions.retryAfter).toBeGreaterThan(0)
  expect(refused.errors?.[0]?.extensions.retryAfter).toBeLessThanOrEqual(900)
  expect(outcome(await people.logIn(email, {}, '192.0.2.2'))).toBe('ok')
  await service.database.admin.query(
    "update login_failures set failed_at = failed_at - interval '15 minutes' where account = $1",
    [email],
  )
  expect(outcome(await people.logIn(email, {}, '192.0.2.1'))).toBe('ok')
})

test('SES-1 an account that nobody has is closed too', async () => {
  const outcomes: string[] = []
  for (let n = 0; n < 6; n += 1) outcomes.push(outcome(await people.logIn('ghost@kitaab.example', wrong, '192.0.2.3')))
  expect(counted(outcomes)).toEqual({ 'UNAUTHENTICATED WRONG_CREDENTIALS': 5, RATE_LIMITED: 1 })
})

test('SES-1 of fifty guesses at once five are judged, and of twelve right log-ins at once all are', async () => {
  await people.register({ email: 'fifty@kitaab.example' })
  const guesses = Array.from({ length: 50 }, () => people.logIn('fifty@kitaab.example', wrong, '192.0.2.4'))
  expect(counted((await Promise.all(guesses)).map(outcome))).toEqual({
    'UNAUTHENTICATED WRONG_CREDENTIALS': 5,
    RATE_LIMITED: 45,
  })
  const right = Array.from({ length: 12 }, () => people.logIn('fifty@kitaab.example', {}, '192.0.2.5'))
  expect(counted((await Promise.all(right)).map(outcome))).toEqual({ ok: 12 })
})

test('SES-1 of a hundred guesses at once in two processes on one database, five are judged', async () => {
  await people.register({ email: 'twice@kitaab.example' })
  const second = await startService({ ownTokens: true, config: { trustedProxies: 1 }, database: service.database })
  try {
    const guess = (at: ReturnType<typeof peopleOf>) => at.logIn('twice@kitaab.example', wrong, '192.0.2.13')
    const elsewhere = peopleOf(second)
    const guesses = Array.from({ length: 50 }, () => [guess(people), guess(elsewhere)]).flat()
    expect(counted((await Promise.all(guesses)).map(outcome))).toEqual({
      'UNAUTHENTICATED WRONG_CREDENTIALS': 5,
      RATE_LIMITED: 95,
    })
    expect(outcome(await elsewhere.logIn('twice@kitaab.example', {}, '192.0.2.13'))).toBe('RATE_LIMITED')
    expect(outcome(await elsewhere.logIn('twice@kitaab.example', {}, '192.0.2.14'))).toBe('ok')
  } finally {
    await second.stop()
  }
})

test('SES-1 an attempt counts one that another process has noted but not yet committed', async () => {
  const [noted, committed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const note = (tx: Database) => noteAttempt(tx, 'overlap@kitaab.example', '192.0.2.16')
  const first = databases.auth.inTransaction(async (tx) => {
    const attempt = await note(tx)
    noted.resolve()
    await committed.promise
    return attempt
  })
  await noted.promise
  const second = databases.auth.inTransaction(note)
  let isOver = false
  second.finally(() => {
    isOver = true
  })
  const waiting =
    "select from pg_locks join pg_database on oid = database where locktype = 'advisory' and not granted and datname = $1"
  while (!isOver && (await service.database.admin.query(waiting, [service.database.name])).rowCount === 0)
    await delay(5)
  committed.resolve()
  expect((await first).ofAccount).toBe(0)
  expect((await second).ofAccount).toBe(1)
})

test('SES-1 what is stored is a hash by argon2id', async () => {
  await people.register({ email: 'hashed@kitaab.example' })
  const { rows } = await service.database.admin.query('select password_hash from users where email = $1', [
    'hashed@kitaab.example',
  ])
  expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('SES-1 guesses at the password that is to be changed count as well', async () => {
  const email = 'guessed@kitaab.example'
  await people.register({ email })
  const session = (await people.logIn(email, {}, '192.0.2.15')).data.answer
  const guess = () =>
    service.execute(
      'mutation { changePassword(input: { currentPassword: "not the right one", newPassword: "the camel sat down" }) { accessToken } }',
      {},
      { headers: { authorization: `Bearer ${session.accessToken}`, 'x-forwarded-for': '192.0.2.15' } },
    )
  for (let n = 0; n < 5; n += 1) expect(outcome(await guess())).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  expect(outcome(await guess())).toBe('RATE_LIMITED')
  expect(outcome(await people.logIn(email, {}, '192.0.2.15'))).toBe('RATE_LIMITED')
})

test('SES-1 an address has a hundred failures an hour; an IPv6 network counts as one, and so does what is no address', async () => {
  const note = (ip: string) =>
    service.database.admin.query(
      "insert into login_failures (account, ip) select 'a' || n, $1 from generate_series(1, 99) as n",
      [ip],
    )
  await note('192.0.2.6')
  expect(outcome(await people.logIn('x1@kitaab.example', wrong, '192.0.2.6'))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  expect(outcome(await people.logIn('x2@kitaab.example', wrong, '192.0.2.6'))).toBe('RATE_LIMITED')
  const outcomes: string[] = []
  for (const host of ['::1', '::2', ':a:b:c:d', '::3', '::4', '::5'])
    outcomes.push(outcome(await people.logIn('x3@kitaab.example', wrong, `2001:db8:0:7${host}`)))
  expect(counted(outcomes)).toEqual({ 'UNAUTHENTICATED WRONG_CREDENTIALS': 5, RATE_LIMITED: 1 })
  for (const ip of ['fe80::1%eth0', '::ffff:192.0.2.7', 'unknown'])
    expect(outcome(await people.logIn('x4@kitaab.example', wrong, ip))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
})

test('SES-4 a reset opens the account again where guesses had closed it', async () => {
  const email = 'closed@kitaab.example'
  await people.register({ email })
  for (let n = 0; n < 5; n += 1) await people.logIn(email, wrong, '192.0.2.8')
  expect(outcome(await people.logIn(email, {}, '192.0.2.8'))).toBe('RATE_LIMITED')
  await people.forget(email)
  await people.reset(tokenIn((await people.mailsTo(email, 2))[1]), 'the camel has slept')
  expect(outcome(await people.logIn(email, { password: 'the camel has slept' }, '192.0.2.8'))).toBe('ok')
})

test('SES-4 a log-in by the old password that a change overtakes opens no session', async () => {
  const email = 'overtaken@kitaab.example'
  await people.register({ email })
  const { rows } = await service.database.admin.query('select user_id from users where email = $1', [email])
  const userId = rows[0].user_id
  const verified = Promise.withResolvers<void>()
  const changed = Promise.withResolvers<void>()
  const slow: IdentityServices = {
    ...identity,
    passwords: {
      ...identity.passwords,
      async verify(given, hashed) {
        const matches = await identity.passwords.verify(given, hashed)
        verified.resolve()
        await changed.promise
        return matches
      },
    },
  }
  const old = logIn(databases.auth, slow, { email, password }, { ip: '192.0.2.9', userAgent: null }).catch(extensionsOf)
  await verified.promise
  const change = { currentPassword: password, newPassword: 'the camel has woken' }
  await changePassword(databases.auth, identity, userId, change, { ip: '192.0.2.10', userAgent: null })
  changed.resolve()
  expect(await old).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'WRONG_CREDENTIALS' })
  const live = await service.database.admin.query(
    'select host(ip) as ip from sessions where user_id = $1 and revoked_at is null',
    [userId],
  )
  expect(live.rows).toEqual([{ ip: '192.0.2.10' }])
})

test('SES-4 of two changes of a password at once one holds, and whoever made it stays', async () => {
  const email = 'two@kitaab.example'
  await people.register({ email })
  const { rows } = await service.database.admin.query('select user_id from users where email = $1', [email])
  const change = (newPassword: string, ip: string) =>
    changePassword(
      databases.auth,
      identity,
      rows[0].user_id,
      { currentPassword: password, newPassword },
      { ip, userAgent: null },
    ).then(
      () => 'ok',
      (error) => String(extensionsOf(error).reason),
    )
  const outcomes = await Promise.all([
    change('the first camel 1', '192.0.2.11'),
    change('the second camel 2', '192.0.2.12'),
  ])
  expect(outcomes.sort()).toEqual(['WRONG_CREDENTIALS', 'ok'])
})

test('SES-1 a suspended account is told so only with its password', async () => {
  const email = 'suspended@kitaab.example'
  await people.register({ email })
  await service.database.admin.query("update users set status = 'suspended' where email = $1", [email])
  expect(outcome(await people.logIn(email, wrong))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  const suspended = await people.logIn(email)
  expect(outcome(suspended)).toBe('UNAUTHENTICATED ACCOUNT_INACTIVE')
  expect(suspended.errors?.[0]?.message).toBe(
    'This account was suspended by an administrator. Ask whoever runs this service why, and to have it reinstated.',
  )
})
