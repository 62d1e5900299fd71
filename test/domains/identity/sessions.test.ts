import { createHmac } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { outcome, password, peopleOf } from './people.ts'

let service: TestService
let people: ReturnType<typeof peopleOf>
beforeAll(async () => {
  service = await startService({ ownTokens: true })
  people = peopleOf(service)
})
afterAll(() => service.stop())

let count = 0
async function newSession() {
  count += 1
  const email = `person-${count}@kitaab.example`
  await people.register({ email })
  return { email, ...(await people.logIn(email)).data.answer }
}
const sql = async (text: string, values: unknown[] = []) => (await service.database.admin.query(text, values)).rows
const sessionOf = (token: string) => token.split('.')[0]

test('SES-2 an access token is a JWT of EdDSA with a kid, good for 15 minutes, and no other is taken', async () => {
  const { accessToken, accessTokenExpiresAt } = await newSession()
  const [head, claims, signature] = accessToken.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  expect(read(head)).toEqual({ alg: 'EdDSA', kid: expect.any(String) })
  const { iat, exp, sub } = read(claims)
  expect(exp - iat).toBe(900)
  expect(Date.parse(accessTokenExpiresAt)).toBe(exp * 1000)
  const write = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const ask = async (token: string) => outcome(await people.as({ accessToken: token }, '{ me { id } }'))
  expect(await ask(accessToken)).toBe('ok')
  const forged = [
    'nonsense',
    `${head}.${write({ ...read(claims), sub: String(Number(sub) + 1) })}.${signature}`,
    `${write({ alg: 'none' })}.${claims}.`,
    `${write({ alg: 'HS256', kid: read(head).kid })}.${claims}.${createHmac('sha256', 'x').update(claims).digest('base64url')}`,
    `${write({ ...read(head), kid: 'another' })}.${claims}.${signature}`,
  ]
  for (const token of forged) expect(await ask(token)).toBe('UNAUTHENTICATED INVALID_TOKEN')
})

test('SES-2 the key is made once, for its owner alone', () => {
  const keys = path.join(service.home, 'keys')
  expect(fs.statSync(keys).mode & 0o777).toBe(0o700)
  for (const name of fs.readdirSync(keys)) expect(fs.statSync(path.join(keys, name)).mode & 0o777).toBe(0o600)
})

test('SES-2 a read asks nothing about the session, so that of a revoked one is answered until the token ends', async () => {
  const session = await newSession()
  await sql('update sessions set revoked_at = now() where session_id = $1', [sessionOf(session.refreshToken)])
  const read = await people.as(session, '{ me { email } }')
  expect(outcome(read)).toBe('ok')
  expect(read.flights).toHaveLength(1)
  expect(read.flights.flatMap(({ sql }) => sql).join(' ')).not.toMatch(/sessions|enter_as/)
})

test('SES-2 after a change of the role the session goes on, with a token that says the new one', async () => {
  const promoted = await newSession()
  await sql("update users set role = 'support' where email = $1", [promoted.email])
  const renewed = await people.refresh(promoted.refreshToken)
  const [, claims = ''] = renewed.data.answer.accessToken.split('.')
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString()).role).toBe('support')
  expect(outcome(await people.as(renewed.data.answer, 'mutation { logOut { loggedOut } }'))).toBe('ok')
})

test('SES-3 fifty refreshes at once give one successor', async () => {
  const { refreshToken } = await newSession()
  const answers = await Promise.all(Array.from({ length: 50 }, () => people.refresh(refreshToken)))
  expect(answers.map(outcome)).toEqual(Array(50).fill('ok'))
  const successors = new Set(answers.map(({ data }) => data.answer.refreshToken))
  expect([...successors]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\.2\./)])
  expect(await sql('select generation from sessions where session_id = $1', [sessionOf(refreshToken)])).toEqual([
    { generation: 2 },
  ])
})

test('SES-3 the token before gives the same successor for 30 seconds, and then ends the session', async () => {
  const { refreshToken } = await newSession()
  const next = (await people.refresh(refreshToken)).data.answer.refreshToken
  expect((await people.refresh(refreshToken)).data.answer.refreshToken).toBe(next)
  await sql("update sessions set rotated_at = rotated_at - interval '31 seconds' where session_id = $1", [
    sessionOf(refreshToken),
  ])
  expect(outcome(await people.refresh(refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(outcome(await people.refresh(next))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(
    await sql(
      "select user_id is not null as whose from audit_log where record_id = $1 and action_type = 'session.refresh_token_reused'",
      [sessionOf(refreshToken)],
    ),
  ).toEqual([{ whose: true }])
})

test('SES-3 an older genuine token ends the session at once, and the audit log says so', async () => {
  const { refreshToken } = await newSession()
  const second = (await people.refresh(refreshToken)).data.answer.refreshToken
  const third = (await people.refresh(second)).data.answer.refreshToken
  expect(outcome(await people.refresh(refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(outcome(await people.refresh(third))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(
    await sql("select action_type, new_values from audit_log where record_id = $1 and action_type like 'session.%'", [
      sessionOf(refreshToken),
    ]),
  ).toEqual([{ action_type: 'session.refresh_token_reused', new_values: { generation: 1 } }])
})

test('SES-3 a token with a wrong MAC is refused, and nothing else happens', async () => {
  const { refreshToken } = await newSession()
  const [id, , mac = ''] = refreshToken.split('.')
  const before = await sql('select * from sessions where session_id = $1', [id])
  const flipped = (mac[0] === 'A' ? 'B' : 'A') + mac.slice(1)
  for (const token of [`${id}.1.${flipped}`, `${id}.2.${mac}`, `${id}.0.${mac}`, `${id}.1`, 'x', `${refreshToken}x`])
    expect(outcome(await people.refresh(token))).toBe('UNAUTHENTICATED INVALID_TOKEN')
  expect(await sql('select * from sessions where session_id = $1', [id])).toEqual(before)
  expect(outcome(await people.refresh(refreshToken))).toBe('ok')
})

test('SES-3 a session ends after 90 days, however often it was renewed', async () => {
  const { refreshToken } = await newSession()
  const next = (await people.refresh(refreshToken)).data.answer.refreshToken
  const id = sessionOf(refreshToken)
  expect(
    await sql("select expires_at = created_at + interval '90 days' as so from sessions where session_id = $1", [id]),
  ).toEqual([{ so: true }])
  await sql('update sessions set expires_at = now() where session_id = $1', [id])
  expect(outcome(await people.refresh(next))).toBe('UNAUTHENTICATED SESSION_ENDED')
})

const cookieOf = (response: { headers: Record<string, unknown> }) => String(response.headers['set-cookie'])
const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict'

test('SES-3 a browser keeps its token in a cookie that only this host gets over TLS, and no script', async () => {
  const { email } = await newSession()
  const logged = await people.logIn(email, { transport: 'COOKIE' })
  expect(logged.data.answer.refreshToken).toBeNull()
  const cookie = cookieOf(logged.response)
  expect(cookie).toMatch(/^__Host-kitaab-refresh=[0-9a-f-]{36}\.1\.[\w-]{43}; Max-Age=7776000; /)
  expect(cookie.endsWith(`; ${attributes}`)).toBe(true)
  const headers = { cookie: cookie.split(';')[0] ?? '' }
  const renewed = await service.execute('mutation { refreshSession { accessToken refreshToken } }', {}, { headers })
  expect(renewed.data.refreshSession).toEqual({ accessToken: expect.any(String), refreshToken: null })
  expect(cookieOf(renewed.response)).toMatch(/^__Host-kitaab-refresh=[0-9a-f-]{36}\.2\./)
  expect(cookieOf(renewed.response).endsWith(`; ${attributes}`)).toBe(true)
  expect(outcome(await service.execute('mutation { refreshSession { accessToken } }'))).toBe(
    'UNAUTHENTICATED INVALID_TOKEN',
  )
})

test('SES-3 a cookie goes on as a cookie when the password changes, and is taken away on logging out', async () => {
  const { email } = await newSession()
  const logged = await people.logIn(email, { transport: 'COOKIE' })
  const send = (query: string, accessToken: string, cookie: string) =>
    service.execute(
      query,
      {},
      { headers: { authorization: `Bearer ${accessToken}`, cookie: cookie.split(';')[0] ?? '' } },
    )
  const changed = await send(
    `mutation { changePassword(input: { currentPassword: "${password}", newPassword: "the camel sat down" }) { accessToken refreshToken } }`,
    logged.data.answer.accessToken,
    cookieOf(logged.response),
  )
  const { accessToken, refreshToken } = changed.data.changePassword
  expect(refreshToken).toBeNull()
  const out = await send('mutation { logOut { loggedOut } }', accessToken, cookieOf(changed.response))
  expect(out.data.logOut.loggedOut).toBe(true)
  const [name, ...rest] = cookieOf(out.response).split('; ')
  expect(name).toBe('__Host-kitaab-refresh=')
  expect(rest).toEqual(expect.arrayContaining([...attributes.split('; '), 'Expires=Thu, 01 Jan 1970 00:00:00 GMT']))
})

test('SES-4 changing the password ends all sessions but the new one', async () => {
  const session = await newSession()
  const other = (await people.logIn(session.email)).data.answer
  const change =
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken refreshToken } }'
  const newPassword = 'the camel drank again'
  const wrong = { currentPassword: 'not the right one', newPassword }
  expect(outcome(await people.as(session, change, { input: wrong }))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  const changed = await people.as(session, change, { input: { currentPassword: password, newPassword } })
  const fresh = changed.data.changePassword
  for (const { refreshToken } of [session, other])
    expect(outcome(await people.refresh(refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(outcome(await people.refresh(fresh.refreshToken))).toBe('ok')
  expect(outcome(await people.logIn(session.email, { password: newPassword }))).toBe('ok')
})

test('one sees one’s sessions, ends any of them, and logs out; nobody else’s', async () => {
  const mine = await newSession()
  const other = (await people.logIn(mine.email)).data.answer
  const stranger = await newSession()
  const list = async (as: { accessToken: string }) =>
    (await people.as(as, '{ me { sessions { id isCurrent userAgent expiresAt } } }')).data.me.sessions
  const sessions = await list(mine)
  expect(sessions.map(({ isCurrent }: { isCurrent: boolean }) => isCurrent).sort()).toEqual([false, true])
  const otherId = sessions.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent).id
  const revoke =
    'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { account { sessions { id } } } }'
  expect(outcome(await people.as(stranger, revoke, { input: { sessionId: otherId } }))).toBe('NOT_FOUND')
  expect(outcome(await people.as(stranger, 'query ($id: ID!) { node(id: $id) { id } }', { id: otherId }))).toBe(
    'NOT_FOUND',
  )
  const revoked = await people.as(mine, revoke, { input: { sessionId: otherId } })
  expect(revoked.data.revokeSession.account.sessions).toHaveLength(1)
  expect(outcome(await people.as(mine, revoke, { input: { sessionId: otherId } }))).toBe('NOT_FOUND')
  expect(outcome(await people.refresh(other.refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
  expect(outcome(await people.as(mine, 'mutation { logOut { loggedOut } }'))).toBe('ok')
  expect(outcome(await people.refresh(mine.refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
})
