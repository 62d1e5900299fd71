import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { outcome, password, peopleOf, tokenIn } from './people.ts'

let service: TestService
let people: ReturnType<typeof peopleOf>
const log: string[] = []
beforeAll(async () => {
  service = await startService({ ownTokens: true, onLog: (line) => log.push(line) })
  people = peopleOf(service)
})
afterAll(() => service.stop())

const account = async (email: string) =>
  (await service.database.admin.query('select * from users where email = $1', [email])).rows[0]

test('SES-4 who registers is mailed a link, confirms the address by it once, and may log in before that', async () => {
  const email = 'leila@kitaab.example'
  expect((await people.register({ email, timeZone: 'Africa/Cairo' })).data).toEqual({ answer: { emailSent: true } })
  expect(await account(email)).toMatchObject({ email_verified: false, time_zone: 'Africa/Cairo' })
  const me = await people.as(
    (await people.logIn(email)).data.answer,
    '{ me { email emailVerified user { fullName today } } }',
  )
  expect(me.data.me).toEqual({ email, emailVerified: false, user: { fullName: 'Leila', today: expect.any(String) } })
  const token = tokenIn((await people.mailsTo(email, 1))[0])
  expect((await people.verify(token)).data).toEqual({ answer: { emailVerified: true } })
  expect((await account(email)).email_verified).toBe(true)
  expect(outcome(await people.verify(token))).toBe('BAD_USER_INPUT INVALID_TOKEN')
  expect(outcome(await people.verify('x'.repeat(32)))).toBe('BAD_USER_INPUT INVALID_TOKEN')
})

test('SES-4 a known address is answered alike, told by mail, and keeps its password and its name', async () => {
  const email = 'known@kitaab.example'
  const first = await people.register({ email })
  const again = await people.register({
    email: 'KNOWN@kitaab.example',
    fullName: 'Eve',
    password: 'eve was here again',
  })
  expect(again.data).toEqual(first.data)
  expect((await account(email)).full_name).toBe('Leila')
  expect((await service.database.admin.query('select from users where email = $1', [email])).rowCount).toBe(1)
  expect(outcome(await people.logIn(email))).toBe('ok')
  const [mail] = await people.mailsTo('KNOWN@kitaab.example', 1)
  expect(mail).toContain('It has one already')
  expect(mail).not.toContain('Eve')
})

test('SES-4 a token works for its own purpose and until it ends; only its hash is stored', async () => {
  const email = 'purpose@kitaab.example'
  await people.register({ email })
  const token = tokenIn((await people.mailsTo(email, 1))[0])
  expect(outcome(await people.reset(token, 'another long password'))).toBe('BAD_USER_INPUT INVALID_TOKEN')
  const { rows } = await service.database.admin.query('select one_time_tokens::text as row from one_time_tokens')
  expect(rows.some(({ row }) => row.includes(token))).toBe(false)
  await service.database.admin.query('update one_time_tokens set expires_at = now() where used_at is null')
  expect(outcome(await people.verify(token))).toBe('BAD_USER_INPUT INVALID_TOKEN')
  await people.resend(email)
  const mails = await people.mailsTo(email, 2)
  expect(outcome(await people.verify(tokenIn(mails[1])))).toBe('ok')
})

test('SES-4 of one link opened twenty times at once, one is taken', async () => {
  const email = 'twenty@kitaab.example'
  await people.register({ email })
  const token = tokenIn((await people.mailsTo(email, 1))[0])
  const outcomes = (await Promise.all(Array.from({ length: 20 }, () => people.verify(token)))).map(outcome)
  expect(outcomes.filter((one) => one === 'ok')).toHaveLength(1)
  expect(outcomes.filter((one) => one === 'BAD_USER_INPUT INVALID_TOKEN')).toHaveLength(19)
})

test('SES-4 a reset sets the password, ends all sessions, proves the address, and voids the other links', async () => {
  const email = 'reset@kitaab.example'
  await people.register({ email })
  const session = (await people.logIn(email)).data.answer
  await people.forget(email)
  await people.forget(email)
  const mails = await people.mailsTo(email, 3)
  const [first, second] = mails.slice(1).map(tokenIn)
  expect(outcome(await people.reset(first ?? '', 'short'))).toBe('BAD_USER_INPUT WEAK_PASSWORD')
  expect(outcome(await people.reset(first ?? '', 'brown camels rest now'))).toBe('ok')
  expect(outcome(await people.reset(second ?? '', 'of somebody else 77'))).toBe('BAD_USER_INPUT INVALID_TOKEN')
  expect((await account(email)).email_verified).toBe(true)
  expect(outcome(await people.refresh(session.refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(outcome(await people.as(session, 'mutation { logOut { loggedOut } }'))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(outcome(await people.logIn(email))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  expect(outcome(await people.logIn(email, { password: 'brown camels rest now' }))).toBe('ok')
})

test('SES-4 a link sets no password of an account that was suspended meanwhile', async () => {
  const email = 'suspended-meanwhile@kitaab.example'
  await people.register({ email })
  await people.forget(email)
  const token = tokenIn((await people.mailsTo(email, 2))[1])
  await service.database.admin.query("update users set status = 'suspended' where email = $1", [email])
  expect(outcome(await people.reset(token, 'brown camels rest now'))).toBe('BAD_USER_INPUT INVALID_TOKEN')
  // Nor is one sent to it.
  for (const ask of [people.forget, people.resend])
    expect((await ask(email)).data).toEqual({ answer: { emailSent: true } })
  const { rows } = await service.database.admin.query(
    'select count(*)::integer as count from one_time_tokens join users using (user_id) where users.email = $1',
    [email],
  )
  expect(rows).toEqual([{ count: 2 }])
})

test('SES-4 nobody learns by a reset or a resend whether an address is known', async () => {
  await people.register({ email: 'here@kitaab.example' })
  for (const ask of [people.forget, people.resend])
    expect((await ask('nobody@kitaab.example')).data).toEqual((await ask('here@kitaab.example')).data)
})

test('a mail of the outbox can be read as it is, by its owner alone; five an hour go to an address', async () => {
  const email = 'outbox@kitaab.example'
  await people.register({ email, fullName: 'ليلى '.repeat(30) })
  for (let n = 0; n < 6; n += 1) await people.resend(email)
  const mails = await people.mailsTo(email, 5)
  expect(mails).toHaveLength(5)
  for (const mail of mails) expect(mail).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/verify-email#token=[\w-]{32}$/m)
  const outbox = path.join(service.home, 'outbox')
  expect(fs.statSync(outbox).mode & 0o777).toBe(0o700)
  for (const name of fs.readdirSync(outbox)) expect(fs.statSync(path.join(outbox, name)).mode & 0o777).toBe(0o600)
  // Nor does asking fill the table.
  const tokens = `one_time_tokens where user_id = (select user_id from users where email = '${email}')`
  expect((await service.database.admin.query(`select from ${tokens}`)).rowCount).toBe(5)
})

test.each([
  ['short pw', { password: 'nine char' }, 'BAD_USER_INPUT WEAK_PASSWORD'],
  ['long', { password: 'x'.repeat(129) }, 'BAD_USER_INPUT WEAK_PASSWORD'],
  ['common', { password: 'QwertyUiop' }, 'BAD_USER_INPUT WEAK_PASSWORD'],
  ['the address', { password: 'refused@kitaab.example' }, 'BAD_USER_INPUT WEAK_PASSWORD'],
  ['the name', { fullName: 'Leila of Cairo', password: 'leila of cairo' }, 'BAD_USER_INPUT WEAK_PASSWORD'],
  ['no name', { fullName: '  ' }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['a username with a space', { username: 'le ila' }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['no such zone', { timeZone: 'Atlantis/Capital' }, 'BAD_USER_INPUT UNKNOWN_TIME_ZONE'],
])('SES-1 registering is refused for %s', async (_why, input, expected) => {
  expect(outcome(await people.register({ email: 'refused@kitaab.example', ...input }))).toBe(expected)
  expect(await account('refused@kitaab.example')).toBeUndefined()
})

test('a username is given once', async () => {
  await people.register({ email: 'u1@kitaab.example', username: 'camel' })
  expect(outcome(await people.register({ email: 'u2@kitaab.example', username: 'Camel' }))).toBe(
    'CONFLICT DUPLICATE_USERNAME',
  )
  expect(await account('u2@kitaab.example')).toBeUndefined()
})

// Last: over all that the tests above have done.
test('no password, token or address stands in the log', async () => {
  const outbox = path.join(service.home, 'outbox')
  const tokens = fs.readdirSync(outbox).map((name) => tokenIn(fs.readFileSync(path.join(outbox, name), 'utf8')))
  const text = log.join('')
  expect(log.length).toBeGreaterThan(20)
  for (const secret of [password, '@kitaab.example', ...tokens.filter((token) => token !== 'no token')])
    expect(text).not.toContain(secret)
})
