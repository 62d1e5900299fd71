import { afterEach, expect, test } from '@jest/globals'
import { getIntrospectionQuery } from 'graphql'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

const typeDefs = `
  type Query { thing: Thing @public add(numbers: [Int!]): Int @public things(first: Int = 1): [Thing!]! @requires(scope: DEEDS_READ) }
  type Thing @scope(read: DEEDS_READ) { id: ID thing: Thing }
`
const resolvers = {
  Query: { thing: () => ({ id: 1 }), things: () => [], add: () => 1 },
}

let service: PlatformService | undefined

async function start(options: Partial<Parameters<typeof startPlatform>[0]> = {}): Promise<PlatformService> {
  service = await startPlatform({ typeDefs, resolvers, ...options })
  return service
}

afterEach(() => service?.stop())

test('a document at the limit of tokens passes, one token more is refused', async () => {
  const { ask } = await start()
  const document = (tokens: number) => `{ add(numbers: [${'1 '.repeat(tokens - 9)}]) }`
  expect((await ask(document(2_000))).data).toEqual({ add: 1 })
  const { status, errors } = await ask(document(2_001))
  expect(status).toBe(400)
  expect(errors[0].extensions).toEqual({ code: 'QUERY_TOO_COSTLY', limit: 'TOKENS', allowed: 2_000, asked: 2_001 })
})

test('a body at the limit passes, one byte more is refused with HTTP 413', async () => {
  const { http } = await start()
  const send = (bytes: number) => {
    const start = '{"query":"{ thing { id } }","extensions":{"a":"'
    const payload = `${start}${'x'.repeat(bytes - start.length - 3)}"}}`
    return http.inject({ method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json' }, payload })
  }
  expect((await send(262_144)).statusCode).toBe(200)
  const refused = await send(262_145)
  expect(refused.statusCode).toBe(413)
  expect(refused.json().errors[0].extensions).toEqual({
    code: 'QUERY_TOO_COSTLY',
    limit: 'BODY',
    allowed: 262_144,
    asked: 262_145,
  })
})

test('a document at the limit of cost passes, one point more is refused', async () => {
  const { ask } = await start()
  const as = { scopes: ['DEEDS_READ'] }
  const query = 'query ($first: Int) { things(first: $first) { id } }'
  expect((await ask(query, { as, variables: { first: 5_000 } })).status).toBe(200)
  const { status, errors } = await ask(query, { as, variables: { first: 5_001 } })
  expect(status).toBe(400)
  expect(errors[0].extensions).toEqual({ code: 'QUERY_TOO_COSTLY', limit: 'COST', allowed: 5_000, asked: 5_001 })
})

test('a document nested 20 deep passes, one of 21 is refused', async () => {
  const { ask } = await start()
  const document = (depth: number) => `${'{ thing '.repeat(depth - 1)}{ id }${' }'.repeat(depth - 1)}`
  expect((await ask(document(20))).status).toBe(200)
  expect((await ask(document(21))).errors[0].extensions).toMatchObject({ limit: 'DEPTH', allowed: 20, asked: 21 })
})

test("GraphiQL's introspection passes, and lists nested deeper than it needs do not", async () => {
  const { ask } = await start()
  expect((await ask(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }))).status).toBe(200)
  const deep = '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }'
  const { status, errors } = await ask(deep)
  expect(status).toBe(400)
  expect(errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'INVALID_DOCUMENT' })
})

const headersOf = (asked: { headers: Record<string, unknown> }) => [
  asked.headers['ratelimit-policy'],
  asked.headers.ratelimit,
]

test('a viewer spends points up to the budget; beyond it the request is refused with HTTP 429', async () => {
  const { ask } = await start({ limits: { viewerCostPerMinute: 100, anonymousCostPerMinute: 10 } })
  const query = 'query ($first: Int) { things(first: $first) { id } }'
  const spend = (first: number, userId = '1') =>
    ask(query, { as: { userId, scopes: ['DEEDS_READ'] }, variables: { first } })
  const first = await spend(60)
  expect([first.status, headersOf(first)]).toEqual([200, ['"viewer";q=100;w=60', '"viewer";r=40;t=60']])
  expect((await spend(40)).status).toBe(200)
  const refused = await spend(1)
  expect(refused.status).toBe(429)
  expect(headersOf(refused)).toEqual(['"viewer";q=100;w=60', expect.stringMatching(/^"viewer";r=0;t=\d+$/)])
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect(refused.errors[0].extensions).toEqual({
    code: 'RATE_LIMITED',
    retryAfter: Number(refused.headers['retry-after']),
  })
  expect((await spend(1, '2')).status).toBe(200)
})

test('a document that costs more than is left is refused before it runs', async () => {
  const { ask } = await start({ limits: { viewerCostPerMinute: 100 } })
  const { status, data } = await ask('{ things(first: 101) { id } }', { as: { scopes: ['DEEDS_READ'] } })
  expect([status, data]).toEqual([429, undefined])
})

test('an address that has not logged in spends its own budget, whatever it sends, and another one does not pay for it', async () => {
  const { ask } = await start({ limits: { anonymousCostPerMinute: 21 } })
  const from = (remoteAddress: string, query = '{ thing { id } }') => ask(query, { remoteAddress })
  expect((await from('10.0.0.1')).headers.ratelimit).toBe('"address";r=20;t=60')
  expect((await from('10.0.0.1', '{ nope }')).headers.ratelimit).toBe('"address";r=10;t=60')
  expect((await from('10.0.0.1', '{ nope')).headers.ratelimit).toBe('"address";r=0;t=60')
  expect((await from('10.0.0.1')).status).toBe(429)
  expect((await from('10.0.0.2')).status).toBe(200)
})

test('addresses of one IPv6 /64 spend together', async () => {
  const { ask } = await start({ limits: { anonymousCostPerMinute: 2 } })
  const from = (remoteAddress: string) => ask('{ thing { id } }', { remoteAddress })
  expect((await from('2001:db8:0:1::1')).status).toBe(200)
  expect((await from('2001:0db8::1:ffff:0:0:2')).status).toBe(200)
  expect((await from('2001:db8:0:1:abcd::3')).status).toBe(429)
  expect((await from('2001:db8:0:2::1')).status).toBe(200)
})

test('`X-Forwarded-For` is believed only of as many proxies as there are', async () => {
  const direct = await start({ limits: { anonymousCostPerMinute: 1 } })
  const from = (forwarded: string) => service?.ask('{ thing { id } }', { headers: { 'x-forwarded-for': forwarded } })
  await from('10.0.0.1')
  expect((await from('10.0.0.2'))?.status).toBe(429)
  await direct.stop()
  await start({ limits: { anonymousCostPerMinute: 1 }, trustedProxies: 1 })
  await from('10.0.0.1')
  expect((await from('10.0.0.2'))?.status).toBe(200)
  // The client wrote the first one itself.
  expect((await from('10.0.0.3, 10.0.0.2'))?.status).toBe(429)
})

test('every answer says what is left, also one that is no GraphQL', async () => {
  const { http, ask } = await start()
  const bad = await http.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    payload: '{',
  })
  expect([bad.statusCode, bad.headers['ratelimit-policy']]).toEqual([400, '"address";q=600;w=60'])
  expect((await ask('{ nope }')).headers['ratelimit-policy']).toBe('"address";q=600;w=60')
})

test('while Redis is away each process counts alone, and nobody is refused for it', async () => {
  const { ask, log } = await start({ limits: { anonymousCostPerMinute: 2 }, redisUrl: new URL('redis://127.0.0.1:1') })
  expect((await ask('{ thing { id } }')).status).toBe(200)
  expect((await ask('{ thing { id } }')).status).toBe(200)
  expect((await ask('{ thing { id } }')).status).toBe(429)
  expect(log.filter((line) => line.includes('Redis is away'))).toHaveLength(1)
})
