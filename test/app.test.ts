import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newDatabase, type TestDatabase } from './support/database.ts'
import { startService, type TestService, type TestUser } from './support/service.ts'

let database: TestDatabase
let service: TestService
let leila: TestUser
const log: string[] = []

beforeAll(async () => {
  database = await newDatabase()
  service = await startService({ database, onLog: (line) => log.push(line) })
  const { rows: people } = await database.admin.query(
    "insert into users (email, full_name, password_hash) values ('leila@kitaab.example', 'Leila', 'x') returning user_id",
  )
  const { rows: sessions } = await database.admin.query(
    "insert into sessions (user_id, expires_at) values ($1, now() + interval '1 day') returning session_id",
    [people[0].user_id],
  )
  leila = { userId: people[0].user_id, sessionId: sessions[0].session_id }
})

afterAll(async () => {
  await service.stop()
  await database.stop()
})

test('serverInfo tells anyone what this server is and allows', async () => {
  const { data, response } = await service.execute(
    '{ serverInfo { version schemaHash postgresVersion explorer limits { bodyBytes tokens depth aliases rootFields directives cost } } }',
  )
  expect(response.statusCode).toBe(200)
  expect(data.serverInfo).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    schemaHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    postgresVersion: expect.stringMatching(/^\d+$/),
    explorer: expect.any(Boolean),
    limits: { bodyBytes: 262_144, tokens: 2_000, depth: 20, aliases: 15, rootFields: 10, directives: 20, cost: 5_000 },
  })
})

test('SES-2 a mutation checks session, status and role in its transaction, a query believes the token', async () => {
  const mutation = 'mutation { updateAccount(input: { weekStart: 7 }) { account { weekStart } } }'
  expect((await service.execute(mutation, {}, { as: leila })).data.updateAccount.account.weekStart).toBe(7)
  await database.admin.query('update sessions set revoked_at = now() where session_id = $1', [leila.sessionId])
  const { data, errors } = await service.execute(mutation, {}, { as: leila })
  expect(data).toBeNull()
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  expect((await service.execute('{ me { email } }', {}, { as: leila })).data.me.email).toBe('leila@kitaab.example')
})

test('ERR-3 neither log-in nor registration leaves a password, an address or a token in the log', async () => {
  const input = { email: 'budi@kitaab.example', password: 'a long secret phrase', fullName: 'Budi of Jakarta' }
  await service.execute('mutation ($input: RegisterInput!) { register(input: $input) { emailSent } }', { input })
  const { email, password } = input
  const logIn = await service.execute(
    'mutation LogIn($input: LogInInput!) { logIn(input: $input) { accessToken refreshToken } }',
    { input: { email, password } },
  )
  const { accessToken, refreshToken } = logIn.data.logIn
  const me = await service.execute('{ me { email } }', {}, { headers: { authorization: `Bearer ${accessToken}` } })
  expect(me.response.statusCode).toBe(400)
  const text = log.join('')
  expect(text).toContain('"operation":"LogIn"')
  for (const secret of [email, password, input.fullName, accessToken, refreshToken]) expect(text).not.toContain(secret)
})

test('an unreachable database: UNAVAILABLE with HTTP 503 and Retry-After, not ready, but alive', async () => {
  const nowhere = { host: '/nowhere', port: 1, user: 'kitaab_app', database: 'kitaab' }
  const lost = await startService({
    database: { ...database, connections: { forRole: () => nowhere, forAdministrator: () => nowhere } },
  })
  const { data, errors, response } = await lost.execute('{ me { email } }', {}, { as: leila })
  expect([response.statusCode, response.headers['retry-after'], data]).toEqual([503, '1', null])
  expect(errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE', retryAfter: 1 })
  const status = async (url: string) => (await lost.app.http.inject({ url })).statusCode
  expect([await status('/readyz'), await status('/healthz')]).toEqual([503, 200])
  await lost.stop()
})

test('the service is ready while its database answers', async () => {
  expect((await service.app.http.inject({ url: '/readyz' })).json()).toEqual({ status: 'ready' })
})
