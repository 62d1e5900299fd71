import { expect, test } from '@jest/globals'
import { type OperationDefinitionNode, parse } from 'graphql'
import { costOf } from '../../../src/platform/graphql/cost.ts'
import { demandsOf } from '../../../src/platform/graphql/document-demands.ts'
import { defaultLimits } from '../../../src/platform/graphql/limits.ts'
import { makeSchema } from '../../../src/platform/graphql/schema.ts'
import { commonTypes } from '../../support/platform-service.ts'

const { schema, rules } = makeSchema(
  `${commonTypes}
  interface Goal { id: ID! steps: [Step!]! @listSize(assumed: 5) }
  interface Node { id: ID! }
  type Step @scope(read: GOALS_READ) { id: ID! }
  type Merit implements Goal & Node @scope(read: GOALS_READ) { id: ID! steps: [Step!]! @listSize(assumed: 5) }
  type Deed implements Node @scope(read: DEEDS_READ) { id: ID! tags: [String!]! children: [Deed!]! @listSize(assumed: 3) goals: [Goal!]! @listSize(assumed: 2) }
  type DeedConnection { nodes: [Deed!]! edges: [DeedEdge!]! pageInfo: PageInfo! totalCount: Int }
  type DeedEdge { cursor: String! node: Deed! }
  type PageInfo { hasNextPage: Boolean! }
  type Account @scope(read: ACCOUNT_READ) {
    id: ID!
    deeds(first: Int = 20, after: String): DeedConnection!
    chart(range: Range): Chart!
    account: Account!
  }
  type Chart @scope(read: DEEDS_READ) { lines(every: Unit = DAY): [Line!]! @listSize(assumed: 10) }
  type Line @scope(read: DEEDS_READ) { points: [Point!]! @listSize(assumed: 30, perDay: true) }
  type Point @scope(read: DEEDS_READ) { date: Date! }
  enum Unit { DAY WEEK MONTH }
  input Range { from: Date! to: Date! }
  input Row { id: ID! tags: [String!] }
  type SavePayload { account: Account! saved: [Deed!]! @listSize(assumed: 500, perRow: true) }
  type ServerInfo { version: String! }
  type Query {
    me: Account! @requires(scope: ACCOUNT_READ)
    report: Account! @requires(scope: ACCOUNT_READ, role: ADMIN)
    node(id: ID!): Node @requires(scope: ACCOUNT_READ)
    nodes(ids: [ID!]!): [Node]! @requires(scope: ACCOUNT_READ) @listSize(assumed: 100)
    serverInfo: ServerInfo! @public
  }
  type Mutation {
    save(rows: [Row!]!): SavePayload! @requires(scope: ACCOUNT_WRITE)
    logIn: SavePayload! @public
  }`,
  [],
)

function demands(text: string, limits = {}) {
  const document = parse(text)
  const operation = document.definitions.find(
    (each): each is OperationDefinitionNode => each.kind === 'OperationDefinition',
  )
  if (!operation) throw new Error('The test has no operation.')
  return demandsOf(schema, rules, document, operation, { ...defaultLimits, ...limits })
}

const cost = (text: string, variables = {}) => costOf(demands(text).cost, variables)

test.each([
  ['scalars are free, objects cost 1', '{ me { id account { id } } }', 2],
  [
    'a list is its children times the assumed size',
    '{ me { deeds(first: 1) { nodes { children { id children { id } } } } } }',
    1 + 1 + (1 + 3 * (1 + 3)),
  ],
  ['lists of scalars are free', '{ me { deeds(first: 4) { nodes { tags } } } }', 1 + 1 + 4],
  ['a connection is multiplied once, by `first`', '{ me { deeds(first: 7) { nodes { id } } } }', 1 + 1 + 7],
  ['an edge is an object of its own', '{ me { deeds(first: 7) { edges { cursor node { id } } } } }', 1 + 1 + 7 * 2],
  [
    'what stands beside the nodes is not multiplied',
    '{ me { deeds(first: 7) { nodes { id } pageInfo { hasNextPage } totalCount } } }',
    1 + 1 + 7 + 1,
  ],
  ['without `first` its default counts', '{ me { deeds { nodes { id } } } }', 1 + 1 + 20],
  ['null is the default', '{ me { deeds(first: null) { nodes { id } } } }', 1 + 1 + 20],
  ['as many as ids are asked for', '{ nodes(ids: ["a", "b", "c"]) { id } }', 3],
  [
    'fragments cost what they hold',
    'fragment D on Deed { children { id } } { me { deeds(first: 2) { nodes { ...D ... on Deed { children { id } } } } } }',
    1 + 1 + 2 * (1 + 3 + 3),
  ],
  ['without a range the assumed points', '{ me { chart { lines { points { date } } } } }', 1 + 1 + 10 * (1 + 30)],
  [
    'a point for each day',
    '{ me { chart(range: { from: "2026-01-01", to: "2026-12-31" }) { lines { points { date } } } } }',
    1 + 1 + 10 * (1 + 365),
  ],
  [
    'a point for each week',
    '{ me { chart(range: { from: "2026-01-01", to: "2026-01-28" }) { lines(every: WEEK) { points { date } } } } }',
    1 + 1 + 10 * (1 + 4),
  ],
  [
    'a mutation costs 10 and its rows 1 each',
    'mutation { save(rows: [{ id: "1" }, { id: "2", tags: ["a", "b"] }]) { account { id } } }',
    10 + 2 + 2 + 1 + 1,
  ],
  [
    'what answers row by row is as long as the input, not as the assumed size',
    'mutation { save(rows: [{ id: "1" }, { id: "2" }]) { saved { children { id } } } }',
    10 + 2 + 1 + 2 * (1 + 3),
  ],
  ['introspection costs 100, whatever it selects', '{ __schema { types { fields { name } } } }', 100],
  ['`__typename` is free', '{ __typename me { __typename } }', 1],
])('%s', (_, text, points) => {
  expect(cost(text)).toBe(points)
})

test('variables count as they are, with their defaults, and missing ones as the default of the argument', () => {
  const text =
    'query ($n: Int = 5, $m: Int) { me { deeds(first: $n) { nodes { id } } b: deeds(first: $m) { nodes { id } } } }'
  expect(cost(text)).toBe(1 + 1 + 5 + 1 + 20)
  expect(cost(text, { n: 100, m: 3 })).toBe(1 + 1 + 100 + 1 + 3)
  expect(cost(text, { n: null, m: null })).toBe(1 + 1 + 20 + 1 + 20)
  expect(cost(text, { n: -5, m: 2_147_483_647 })).toBe(1 + 1 + 0 + 1 + 2_147_483_647)
})

test('rows, ids and ranges in variables count, wherever they stand', () => {
  const rows = 'mutation ($rows: [Row!]!) { save(rows: $rows) { account { id } } }'
  expect(cost(rows, { rows: [{ id: 1 }, { id: 2, tags: ['a', 'b', 'c'] }] })).toBe(10 + 5 + 2)
  const saved = 'mutation ($rows: [Row!]!) { save(rows: $rows) { saved { id } } }'
  expect(cost(saved, { rows: [{ id: 1 }, { id: 2 }, { id: 3 }] })).toBe(10 + 3 + 1 + 3)
  const tags = 'mutation ($tags: [String!]) { save(rows: [{ id: 1, tags: $tags }]) { account { id } } }'
  expect(cost(tags, { tags: ['a', 'b'] })).toBe(10 + 1 + 2 + 2)
  expect(cost('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b'] })).toBe(2)
  const chart = 'query ($r: Range, $e: Unit) { me { chart(range: $r) { lines(every: $e) { points { date } } } } }'
  expect(cost(chart, { r: { from: '2026-01-01', to: '2026-01-10' }, e: 'DAY' })).toBe(2 + 10 * 11)
  expect(cost(chart, { r: { from: 'rubbish', to: '2026-01-10' } })).toBe(2 + 10 * 31)
  expect(cost(chart, { r: { from: '2026-02-01', to: '2026-01-10' } })).toBe(2 + 10)
})

test('scopes come from root fields, from types on the way, and from all that an interface may be', () => {
  expect(demands('{ me { id } }').scopes).toEqual(['ACCOUNT_READ'])
  expect(demands('{ me { deeds { totalCount } } }').scopes).toEqual(['ACCOUNT_READ'])
  expect(demands('{ me { deeds { nodes { id } } } }').scopes).toEqual(['ACCOUNT_READ', 'DEEDS_READ'])
  expect(demands('{ me { deeds { nodes { goals { id } } } } }').scopes).toEqual([
    'ACCOUNT_READ',
    'DEEDS_READ',
    'GOALS_READ',
  ])
  expect(demands('mutation { save(rows: []) { account { id } } }').scopes).toEqual(['ACCOUNT_WRITE', 'ACCOUNT_READ'])
  expect(
    demands('{ ...F } fragment F on Query { me { ...G } } fragment G on Account { chart { __typename } }').scopes,
  ).toEqual(['ACCOUNT_READ', 'DEEDS_READ'])
})

test('an object by its id needs the scope of the types that its fragments name; `id` alone is checked where it is read', () => {
  expect(demands('{ node(id: 1) { id } }').scopes).toEqual(['ACCOUNT_READ'])
  expect(demands('{ node(id: 1) { ... on Deed { id } ... on Merit { id } } }').scopes).toEqual([
    'ACCOUNT_READ',
    'DEEDS_READ',
    'GOALS_READ',
  ])
})

test('public is a document of nothing but public fields, and what they answer with asks no scope', () => {
  expect(demands('{ serverInfo { version } }')).toMatchObject({ isPublic: true, scopes: [] })
  expect(demands('{ __typename __type(name: "Deed") { name } }')).toMatchObject({ isPublic: true, scopes: [] })
  expect(demands('mutation { logIn { account { id } } }')).toMatchObject({
    isPublic: true,
    scopes: [],
    isMutation: true,
  })
  expect(demands('{ serverInfo { version } me { id } }')).toMatchObject({ isPublic: false, scopes: ['ACCOUNT_READ'] })
})

test('roles are collected in the case of the column', () => {
  expect(demands('{ report { id } }').roles).toEqual(['admin'])
  expect(demands('{ me { id } }').roles).toEqual([])
})

const nested = (depth: number) => `{ me ${'{ account '.repeat(depth - 2)}{ id }${' }'.repeat(depth - 2)} }`
const many = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ')

test.each([
  ['DEPTH', 20, nested],
  ['ALIASES', 15, (n: number) => `{ me { ${many(n, (i) => `a${i}: id`)} } }`],
  ['ROOT_FIELDS', 10, (n: number) => `{ ${many(n, () => 'me { id }')} }`],
  ['DIRECTIVES', 20, (n: number) => `{ me { ${many(n, () => 'id @include(if: true)')} } }`],
])('%s: as many as are allowed pass, one more is refused with both numbers', (limit, allowed, write) => {
  expect(() => demands(write(allowed))).not.toThrow()
  expect(() => demands(write(allowed + 1))).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(String(allowed + 1)),
      extensions: { code: 'QUERY_TOO_COSTLY', limit, allowed, asked: allowed + 1, http: { status: 400 } },
    }),
  )
})

test('what fragments hold counts each time they are spread', () => {
  const aliases = 'fragment A on Account { x: id y: id } { me { ...A account { ...A } } }'
  expect(() => demands(aliases, { aliases: 4 })).not.toThrow()
  expect(() => demands(aliases, { aliases: 3 })).toThrow(/4 aliases/)
})

test('fragments that double are walked no further than they may be', () => {
  const chain = many(60, (i) => `fragment F${i} on Account { ...F${i + 1} ...F${i + 1} }`)
  expect(() => demands(`{ me { ...F0 } } ${chain} fragment F60 on Account { id }`)).toThrow(
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'QUERY_TOO_COSTLY', limit: 'SELECTIONS' }) }),
  )
})

test('introspection stands alone', () => {
  expect(() => demands('{ __schema { types { name } } __typename }')).not.toThrow()
  expect(() => demands('{ __schema { types { name } } serverInfo { version } }')).toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', reason: 'INVALID_DOCUMENT' }),
    }),
  )
})
