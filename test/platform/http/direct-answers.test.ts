// Apollo is the referee: what it answers to a document that it has not seen is what is answered without it from then on.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { conflict, forbidden, notFound, unavailable } from '../../../src/platform/graphql/errors.ts'
import { type AskOptions, type PlatformService, startPlatform } from '../../support/platform-service.ts'

let service: PlatformService

const failures: Record<string, () => unknown> = {
  fine: () => 'fine',
  nothing: () => null,
  plain: () => {
    throw new Error('select * from users')
  },
  stale: () => {
    throw conflict('It has version 3.', { reason: 'STALE_VERSION', currentVersion: 3 })
  },
  missing: () => {
    throw notFound()
  },
  away: () => {
    throw unavailable()
  },
  forbidden: () => {
    throw forbidden('Not you.')
  },
}

beforeAll(async () => {
  service = await startPlatform({
    typeDefs: `
      type Query {
        fail(how: String!): String @public
        need(how: String!): String! @public
        many(first: Int = 10): [Thing!]! @requires(scope: ACCOUNT_READ)
        account: String @requires(scope: ACCOUNT_READ)
        staff: String @requires(scope: ACCOUNT_READ, role: ADMIN)
        day(on: Date!): Date @public
      }
      type Thing @scope(read: ACCOUNT_READ) { name(how: String!): String }
      type Mutation { write(how: String!): String @public }
    `,
    resolvers: {
      Query: {
        fail: (_: unknown, { how }: { how: string }) => failures[how]?.(),
        need: (_: unknown, { how }: { how: string }) => failures[how]?.(),
        many: () => [{}, {}],
        account: () => 'yours',
        staff: () => 'all',
        day: (_: unknown, { on }: { on: string }) => on,
      },
      Thing: { name: (_: unknown, { how }: { how: string }) => failures[how]?.() },
      Mutation: { write: (_: unknown, { how }: { how: string }) => failures[how]?.() },
    },
    checkSession: async () => {},
    limits: { cost: 900, viewerCostPerMinute: 1_000_000, anonymousCostPerMinute: 1_000_000 },
  })
})
afterAll(() => service.stop())

const scopes = ['ACCOUNT_READ']
const cases: [string, string, AskOptions?][] = [
  ...Object.keys(failures).flatMap((how): [string, string, AskOptions][] => [
    [`a field, ${how}`, 'query A($how: String!) { fail(how: $how) }', { variables: { how } }],
    [`a field that must be, ${how}`, 'query A($how: String!) { need(how: $how) }', { variables: { how } }],
    [
      `one of two, ${how}`,
      'query A($how: String!) { a: fail(how: $how) b: fail(how: "fine") }',
      { variables: { how } },
    ],
    [
      `in a list, ${how}`,
      'query A($how: String!) { many { name(how: $how) } }',
      { variables: { how }, as: { scopes } },
    ],
    [`a write, ${how}`, 'mutation A($how: String!) { write(how: $how) }', { variables: { how } }],
  ]),
  ['a variable of the wrong type', 'query A($how: String!) { fail(how: $how) }', { variables: { how: 5 } }],
  ['a variable that is missing', 'query A($how: String!) { fail(how: $how) }', {}],
  ['a variable that a scalar refuses', 'query A($on: Date!) { day(on: $on) }', { variables: { on: '2026-02-30' } }],
  ['a text that no field takes', 'query A($how: String!) { fail(how: $how) }', { variables: { how: 'a\u0000b' } }],
  ['a field of the viewer', 'query A { account }', { as: { scopes } }],
  ['without a token', 'query A { account }', {}],
  ['with a token that has expired', 'query A { account }', { headers: { authorization: 'Bearer expired' } }],
  ['without the scope', 'query A { account }', { as: {} }],
  ['without the role', 'query A { staff }', { as: { scopes } }],
  ['with the role', 'query A { staff }', { as: { scopes, role: 'admin' } }],
  ['one operation of two', 'query A { account } query B { fail(how: "fine") }', { operationName: 'B' }],
  ['no operation of that name', 'query A { account } query B { fail(how: "fine") }', { operationName: 'C' }],
  [
    'too costly',
    'query A($first: Int) { many(first: $first) { name(how: "fine") } }',
    { variables: { first: 1_000 }, as: { scopes } },
  ],
  ['of another type', 'query A { fail(how: "fine") }', { headers: { accept: 'application/graphql-response+json' } }],
  ['of any type', 'query A { fail(how: "fine") }', { headers: { accept: '*/*' } }],
  ['of no type that there is', 'query A { fail(how: "fine") }', { headers: { accept: 'image/png' } }],
]

test.each(cases)('%s: answered alike with and without Apollo', async (title, query, options) => {
  // A comment of its own makes it a document that nobody has seen.
  const text = `# ${title}\n${query}`
  const before = service.answeredDirectly()
  const byApollo = comparable(await service.ask(text, options))
  expect(service.answeredDirectly()).toBe(before)
  const log = service.log.length
  const again = comparable(await service.ask(text, options))
  expect(again).toEqual(byApollo)
  const isFound = options?.operationName !== 'C' && options?.headers?.accept !== 'image/png'
  expect(service.answeredDirectly() - before).toBe(isFound ? 1 : 0)
  expect(service.log.length).toBeGreaterThan(log)
})

test('what it wrote to the log is the same, line by line', async () => {
  const text = '# log\nquery Named($how: String!) { a: fail(how: $how) }'
  const linesOf = async () => {
    const from = service.log.length
    await service.ask(text, { variables: { how: 'plain' } })
    return service.log.slice(from).map((line) => {
      const { time: _, requestId: __, ms: ___, err, ...rest } = JSON.parse(line)
      return { ...rest, err: err?.message }
    })
  }
  const byApollo = await linesOf()
  expect(await linesOf()).toEqual(byApollo)
  expect(byApollo.length).toBe(2)
})

test.each([
  ['batches', [{ query: 'query A { fail(how: "fine") }' }]],
  ['variables as a text', { query: 'query A { fail(how: "fine") }', variables: '{}' }],
  [
    'extensions',
    { query: 'query A { fail(how: "fine") }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
  ],
  ['no query', { query: null }],
])('%s are left to Apollo', async (_what, payload) => {
  await service.ask('query A { fail(how: "fine") }')
  const before = service.answeredDirectly()
  const { statusCode } = await service.http.inject({ method: 'POST', url: '/graphql', payload })
  expect(statusCode).toBe(400)
  expect(service.answeredDirectly()).toBe(before)
})

test('a write by GET is refused, however well its document is known', async () => {
  const query = 'mutation A { write(how: "fine") }'
  await service.ask(query)
  const { statusCode } = await service.http.inject({
    method: 'GET',
    url: '/graphql',
    headers: { 'apollo-require-preflight': 'true' },
    query: { query },
  })
  expect(statusCode).toBe(405)
})

function comparable({ status, headers, text }: Awaited<ReturnType<PlatformService['ask']>>) {
  const { 'x-request-id': id, date: _, ratelimit: __, 'content-length': ___, ...kept } = headers
  return { status, headers: kept, text: text.replaceAll(String(id), 'ID') }
}

test('what takes too long is told so, with and without Apollo', async () => {
  const slow = await startPlatform({
    typeDefs: 'type Query { never: String @public }',
    resolvers: { Query: { never: () => new Promise(() => {}) } },
    operationTimeoutMs: 50,
  })
  const byApollo = await slow.ask('query A { never }')
  const again = await slow.ask('query A { never }')
  expect(slow.answeredDirectly()).toBe(1)
  expect([byApollo.status, again.status]).toEqual([503, 503])
  expect(again.errors).toEqual(byApollo.errors)
  await slow.stop()
})
