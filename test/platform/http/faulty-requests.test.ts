import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

let service: PlatformService

beforeAll(async () => {
  service = await startPlatform({
    typeDefs: `
      type Query {
        fail(how: String!): String @public
        add(count: Int! = 1, input: Input, list: [Int!]): Int @public
        day(on: Date): String @public
      }
      input Input { count: Decimal data: JSONObject name: String nested: Input }
    `,
    resolvers: {
      Query: {
        fail: () => null,
        add: (_: unknown, { count }: { count: number }) => count + 1,
        day: (_: unknown, { on }: { on: string }) => on,
      },
    },
  })
})

afterAll(() => service.stop())

test.each([
  ['SYNTAX', '{ fail('],
  ['INVALID_TEXT', '{ fail(how: "\u0000") }'],
  ['INVALID_DOCUMENT', '{ nope }'],
  ['INVALID_DOCUMENT', '{ fail }'],
  ['INVALID_DOCUMENT', '{ add(count: 2147483648) }'],
  ['INVALID_DOCUMENT', '{ day(on: "2026-02-30") }'],
  ['INVALID_AMOUNT', '{ add(input: { count: 1.2345 }) }'],
  ['INVALID_DOCUMENT', 'subscription { a }'],
  ['INVALID_DOCUMENT', 'query A { add } query B { add }'],
])('ERR-2 %s: %j is refused with HTTP 400', async (reason, query) => {
  const { status, data, errors } = await service.ask(query)
  expect(status).toBe(400)
  expect(data).toBeUndefined()
  expect(errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason })
})

test('ERR-2 a misspelt field is answered with what is like it', async () => {
  expect((await service.ask('{ ad }')).errors[0].message).toContain('Did you mean "add"')
})

test('ERR-2 a literal that a scalar refuses is shown in its place', async () => {
  const { errors } = await service.ask('{ day(on: "2026-02-30") }')
  expect(errors).toEqual([
    {
      message: 'A date is a day of the calendar as YYYY-MM-DD.',
      locations: [{ line: 1, column: 11 }],
      extensions: { code: 'BAD_USER_INPUT', reason: 'INVALID_DOCUMENT' },
    },
  ])
})

const add = 'query ($count: Int!, $input: Input, $list: [Int!]) { add(count: $count, input: $input, list: $list) }'

test.each([
  ['count', { count: 2 ** 31 }, 'INVALID_VARIABLE', /Int cannot represent non 32-bit signed integer value/],
  ['count', { count: '1' }, 'INVALID_VARIABLE', /Int cannot represent non-integer/],
  ['count', {}, 'INVALID_VARIABLE', /was not provided/],
  ['count', { count: null }, 'INVALID_VARIABLE', /must not be null/],
  [
    'input.nested.count',
    { count: 1, input: { nested: { count: '1.2345' } } },
    'INVALID_AMOUNT',
    /at most 3 decimal places/,
  ],
  ['input', { count: 1, input: { nope: 1 } }, 'INVALID_VARIABLE', /not defined/],
  ['list[1]', { count: 1, list: [1, 'a" at "input.count'] }, 'INVALID_VARIABLE', /Int cannot represent/],
  ['input.data', { count: 1, input: { data: [] } }, 'INVALID_VARIABLE', /JSONObject is an object/],
])('ERR-2 a variable that does not fit names its place: %s of %j', async (field, variables, reason, message) => {
  const { status, data, errors } = await service.ask(add, { variables })
  expect(status).toBe(400)
  expect(data).toBeUndefined()
  expect(errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', reason, field })
  expect(errors[0].message).toMatch(message)
})

test('ERR-2 more faulty variables than are counted are still a refusal', async () => {
  const { status, errors } = await service.ask(add, {
    variables: { count: 1, list: Array.from({ length: 60 }, () => 'a') },
  })
  expect(status).toBe(400)
  expect(new Set(errors.map((error) => error.extensions.code))).toEqual(new Set(['BAD_USER_INPUT']))
})

test('ERR-2 null in a variable for an argument that takes none is a refusal, not a defect', async () => {
  const { errors } = await service.ask('query ($count: Int = 1) { add(count: $count) }', { variables: { count: null } })
  expect(errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_VARIABLE' })
})

test.each([
  ['NUL', { input: { name: 'a\u0000' } }, 'input.name'],
  ['half of a surrogate pair', { input: { nested: { name: '\udc00' } } }, 'input.nested.name'],
  ['NUL in a key', { input: { data: { 'a\u0000': 1 } } }, 'input.data'],
  ['60,001 characters', { input: { name: 'a'.repeat(60_001) } }, 'input.name'],
])('a text with %s is refused wherever it stands', async (_, variables, field) => {
  const { status, errors } = await service.ask(add, { variables: { count: 1, ...variables } })
  expect(status).toBe(400)
  expect(errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_TEXT', field })
})

test('a text of 20,000 characters passes, and so does one in a literal that has none of these', async () => {
  expect((await service.ask(add, { variables: { count: 1, input: { name: 'a'.repeat(60_000) } } })).data).toEqual({
    add: 2,
  })
  expect((await service.ask('{ add(input: { name: "\\u00e9" }) }')).data).toEqual({ add: 2 })
})

test.each(['"a\\u0000"', '"\\ud800"', `"${'a'.repeat(60_001)}"`, '"""b\\u0000\u{0}"""'])(
  'the literal %j is refused',
  async (literal) => {
    const { status, errors } = await service.ask(`{ add(input: { name: ${literal} }) }`)
    expect(status).toBe(400)
    expect(errors[0].extensions.code).toBe('BAD_USER_INPUT')
  },
)

test('variables that nest beyond all measure are refused', async () => {
  const depth = 5_000
  const variables = `{"count":1,"input":${'{"nested":'.repeat(depth)}{}${'}'.repeat(depth)}}`
  const response = await post(`{"query":${JSON.stringify(add)},"variables":${variables}}`)
  expect(response.statusCode).toBe(400)
  expect(response.json().errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'INVALID_VARIABLE' })
})

const post = (payload: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  service.http.inject({ method: 'POST', url: '/graphql', headers, payload })

test.each([
  [400, 'no JSON', () => post('{ "query": ')],
  [400, 'an empty body', () => post('', { 'content-type': 'application/json' })],
  [400, 'no query', () => post('{}')],
  [400, 'a batch', () => post('[{"query":"{ add }"}]')],
  [400, 'variables that are text', () => post('{"query":"{ add }","variables":"{}"}')],
  [400, 'a prototype', () => post('{"query":"{ add }","variables":{"__proto__":{"a":1}}}')],
  [400, 'a persisted query', () => post('{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"a"}}}')],
  [415, 'text/plain, which a form could send', () => post('{"query":"{ add }"}', { 'content-type': 'text/plain' })],
  [415, 'a form', () => post('query=%7Badd%7D', { 'content-type': 'application/x-www-form-urlencoded' })],
  [
    400,
    'GET without the header that a page of another site can not send',
    () => service.http.inject({ url: '/graphql?query=%7Badd%7D' }),
  ],
  [415, 'POST without anything', () => service.http.inject({ method: 'POST', url: '/graphql' })],
  [405, 'PUT', () => service.http.inject({ method: 'PUT', url: '/graphql' })],
  [400, 'a path that can not be read', () => service.http.inject({ url: '/%zz' })],
  [404, 'another path', () => service.http.inject({ url: '/admin.php' })],
])('HTTP %i for %s, shaped as GraphQL answers errors', async (status, _, send) => {
  const response = await send()
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toMatch(/^application\/json; charset=utf-8/)
  const { errors, data } = response.json()
  expect(data).toBeUndefined()
  const refusal = { code: 'BAD_USER_INPUT', reason: expect.stringMatching(/^INVALID_(REQUEST|DOCUMENT)$/) }
  expect(errors[0].extensions).toEqual(status === 404 ? { code: 'NOT_FOUND' } : refusal)
  expect(JSON.stringify(errors)).not.toMatch(/stack|node_modules|FST_|at Object/)
})

test('a GET with the header that only a script of ours sends is answered', async () => {
  const response = await service.http.inject({
    url: '/graphql?query=%7Badd%7D',
    headers: { 'apollo-require-preflight': '1' },
  })
  expect(response.json()).toEqual({ data: { add: 2 } })
})

test.each([
  ['a page that is opened', () => service.http.inject({ url: '/graphql' })],
  ['a form', () => post('query=%7Badd%7D', { 'content-type': 'application/x-www-form-urlencoded' })],
  ['plain text', () => post('{"query":"{ add }"}', { 'content-type': 'text/plain' })],
])('%s is told in one sentence how to ask', async (_, send) => {
  const [error] = (await send()).json().errors
  expect(error.message).toMatch(/^Send a POST with `Content-Type: application\/json` and a JSON object [^.]*\.$/)
  expect(error.message).not.toMatch(/http:|CSRF/)
})
