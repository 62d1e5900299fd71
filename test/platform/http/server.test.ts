import net from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import type { CallerContext } from '../../../src/platform/graphql/operation-checks.ts'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

const typeDefs = `
  type Query { ok: Int @public echo(text: String): String @public wait: Int @public cookie: String @public }
  type Mutation { logIn(password: String, token: String, notes: String, fail: Boolean): Int @public }
`

/** A field that answers when the test says so. */
function gate() {
  const entered = Promise.withResolvers<AbortSignal>()
  const leave = Promise.withResolvers<number>()
  const wait = (_: unknown, __: unknown, { caller }: CallerContext) => {
    entered.resolve(caller.signal)
    return leave.promise
  }
  return { entered: entered.promise, leave: leave.resolve, wait }
}

let service: PlatformService

async function start(options: Partial<Parameters<typeof startPlatform>[0]> = {}, wait: unknown = () => 1) {
  const cookie = (_: unknown, __: unknown, { caller: { cookies } }: CallerContext) => {
    const before = cookies.get('__Host-a')
    cookies.set('__Host-a', 'new', 60)
    cookies.clear('__Host-b')
    return before
  }
  const logIn = (_: unknown, { fail, ...args }: { fail: boolean }) => {
    if (fail) throw Object.assign(new Error('no'), { password: 'hunter2', input: args })
    return 1
  }
  service = await startPlatform({
    typeDefs,
    resolvers: {
      Query: { ok: () => 1, echo: (_: unknown, { text }: { text: string }) => text, wait, cookie },
      Mutation: { logIn },
    },
    ...options,
  })
  return service
}

afterEach(() => service.stop())

const listen = () => service.http.listen({ host: '127.0.0.1', port: 0 })
const fetchOk = (url: string, query = '{ ok }', signal?: AbortSignal) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  })

test('a request keeps the id that it came with if it is a plain word, else it gets one', async () => {
  const { ask } = await start()
  expect((await ask('{ ok }', { headers: { 'x-request-id': 'trace-0123.abc' } })).headers['x-request-id']).toBe(
    'trace-0123.abc',
  )
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  for (const id of ['short', 'a'.repeat(65), 'has spaces in it', '"; drop table', ''])
    expect((await ask('{ ok }', { headers: { 'x-request-id': id } })).headers['x-request-id']).toMatch(uuid)
})

test('the log has one line for a request, and nothing that people sent', async () => {
  const { ask, log } = await start()
  const secrets = ['hunter2', 'one-time-token', 'my diary', 'cookie-value', 'eyJhbGciOi', '203.0.113.7', 'leila']
  const variables = { password: 'hunter2', token: 'one-time-token', notes: 'my diary' }
  const headers = { authorization: 'Bearer eyJhbGciOi', cookie: 'a=cookie-value', 'x-forwarded-for': '203.0.113.7' }
  const document =
    'mutation LogIn($password: String, $token: String, $notes: String, $fail: Boolean) { logIn(password: $password, token: $token, notes: $notes, fail: $fail) }'
  await ask(document, { variables, headers })
  await ask(document, { variables: { ...variables, fail: true }, headers })
  await ask('mutation { logIn(password: "hunter2", fail: true) }', { headers })
  await ask('mutation { logIn(password: "hunter2" }', { headers })
  await service.http.inject({ url: '/reset?token=one-time-token&name=leila', headers })
  const lines = log.map((line) => JSON.parse(line))
  expect(lines.filter(({ msg }) => msg === 'request')).toEqual([
    expect.objectContaining({
      operation: 'LogIn',
      status: 200,
      cost: 10,
      route: '/graphql',
      ms: expect.any(Number),
      requestId: expect.any(String),
    }),
    expect.objectContaining({ operation: 'LogIn', status: 200, codes: ['INTERNAL'] }),
    expect.objectContaining({ operation: 'mutation', status: 200, codes: ['INTERNAL'] }),
    expect.objectContaining({ status: 400, codes: ['BAD_USER_INPUT'] }),
    expect.objectContaining({ status: 404, route: 'unknown', codes: ['NOT_FOUND'] }),
  ])
  for (const secret of secrets) expect(log.join('')).not.toContain(secret)
})

test('ERR-3 what fails before there is a context is masked and logged too', async () => {
  const { ask, log } = await start({ contextFailure: new Error('select 1') })
  const { status, headers, errors } = await ask('{ ok }')
  expect(status).toBe(500)
  expect(errors[0].extensions).toEqual({ code: 'INTERNAL', requestId: headers['x-request-id'] })
  expect(errors[0].message).not.toContain('select')
  const logged = log.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error')
  expect(logged).toMatchObject([{ err: { message: 'select 1' }, requestId: headers['x-request-id'] }])
})

test('answers carry security headers, and are kept by nobody', async () => {
  const { ask } = await start()
  expect((await ask('{ ok }')).headers).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'cross-origin-resource-policy': 'same-origin',
  })
})

const preflight = (origin: string) =>
  service.http.inject({
    method: 'OPTIONS',
    url: '/graphql',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
  })

test('pages of the listed origins may ask, with cookies; others are told nothing', async () => {
  await start({ corsOrigins: ['https://app.example'] })
  expect((await preflight('https://app.example')).headers).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-credentials': 'true',
  })
  for (const origin of ['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])
    expect((await preflight(origin)).headers['access-control-allow-origin']).toBeUndefined()
})

test('without a list no page of another origin may ask', async () => {
  await start()
  const { statusCode, headers } = await preflight('https://app.example')
  expect([statusCode, headers['access-control-allow-origin']]).toEqual([405, undefined])
})

test('cookies are for this host alone, out of reach of scripts and of other sites', async () => {
  const { ask } = await start()
  const { data, headers } = await ask('{ cookie }', { headers: { cookie: '__Host-a=old' } })
  expect(data).toEqual({ cookie: 'old' })
  expect(headers['set-cookie']).toEqual([
    '__Host-a=new; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict',
    expect.stringMatching(
      /^__Host-b=;.* Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict$/,
    ),
  ])
})

test('/healthz says that the process lives, /readyz whether the database answers in time', async () => {
  let ping = async () => {}
  await start({ ping: () => ping() })
  const status = async (url: string) => (await service.http.inject({ url })).statusCode
  expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200])
  ping = async () => Promise.reject(new Error('away'))
  expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503])
  ping = () => new Promise(() => {})
  expect(await status('/readyz')).toBe(503)
})

test('an operation that takes too long is stopped by its signal, and answered 503 even if nothing heeds it', async () => {
  const { entered, wait } = gate()
  const { ask } = await start({ operationTimeoutMs: 50 }, wait)
  const answer = ask('{ wait }')
  const signal = await entered
  const { status, errors, headers } = await answer
  expect(signal.reason.extensions.reason).toBe('STATEMENT_TIMEOUT')
  expect([status, headers['retry-after']]).toEqual([503, '1'])
  expect(errors[0].extensions).toEqual({ code: 'UNAVAILABLE', reason: 'STATEMENT_TIMEOUT', retryAfter: 1 })
})

test('what heeds the signal answers for itself, beside what was ready', async () => {
  const wait = (_: unknown, __: unknown, { caller: { signal } }: CallerContext) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const { ask } = await start({ operationTimeoutMs: 20 }, wait)
  const { status, data, errors } = await ask('{ ok wait }')
  expect([status, data]).toEqual([200, { ok: 1, wait: null }])
  expect(errors[0].extensions.reason).toBe('STATEMENT_TIMEOUT')
})

test('a client that leaves aborts its operation', async () => {
  const { entered, wait, leave } = gate()
  await start({}, wait)
  const url = await listen()
  const client = new AbortController()
  const answer = fetchOk(url, '{ wait }', client.signal)
  const signal = await entered
  client.abort()
  await expect(answer).rejects.toThrow()
  await new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener('abort', resolve)))
  expect(signal.reason.message).toBe('The client left.')
  leave(1)
})

test('a hundred requests on one connection leave no listeners behind', async () => {
  await start()
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const url = await listen()
  for (let index = 0; index < 100; index += 1) expect((await fetchOk(url)).status).toBe(200)
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})

test('draining answers what is under way, refuses what is new, and closes connections', async () => {
  const { entered, wait, leave } = gate()
  await start({}, wait)
  const { hostname, port } = new URL(await listen())
  const connect = () => openConnection(hostname, Number(port))
  const idle = await connect()
  idle.send('{ ok }')
  await idle.received('"ok":1')
  const busy = await connect()
  busy.send('{ wait }')
  await entered
  const late = await connect()
  late.write('POST /graphql HTTP/1.1\r\nhost: a\r\n')
  const probe = await connect()
  probe.write('GET /readyz HTTP/1.1\r\n')
  const stopped = service.stop()
  await idle.closed
  late.write('content-type: application/json\r\ncontent-length: 16\r\n\r\n{"query":"{ok}"}')
  probe.write('host: a\r\n\r\n')
  const refused = await late.received('"UNAVAILABLE"')
  expect(refused).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: 1\r\n/)
  await probe.received('{"status":"draining"}')
  await Promise.all([late.closed, probe.closed])
  leave(1)
  expect(await busy.received('"wait":1')).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close\r\n/)
  await busy.closed
  await stopped
  await expect(connect()).rejects.toThrow('ECONNREFUSED')
})

/** A raw keep-alive connection: fetch would open new ones on its own. */
async function openConnection(host: string, port: number) {
  const socket = net.connect(port, host)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let text = ''
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('data', (chunk) => {
    text += chunk
  })
  return {
    closed,
    text: () => text,
    send(query: string) {
      const body = JSON.stringify({ query })
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
    },
    write: (raw: string) => socket.write(raw),
    async received(part: string) {
      while (!text.includes(part) && !socket.destroyed)
        await new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
      return text
    },
  }
}

test.each([
  [400, 'rubbish', 'rubbish\r\n\r\n'],
  [431, 'headers of more than 16 kB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`],
])('HTTP %i for %s, and the connection is closed', async (status, _, raw) => {
  await start()
  const { hostname, port } = new URL(await listen())
  const connection = await openConnection(hostname, Number(port))
  connection.write(raw)
  await connection.closed
  expect(connection.text()).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(connection.text()).toContain('{"errors":[{"message":')
})

test('slow senders are given a bounded time', async () => {
  await start()
  await listen()
  expect(service.http.server).toMatchObject({ headersTimeout: 10_000 })
})
