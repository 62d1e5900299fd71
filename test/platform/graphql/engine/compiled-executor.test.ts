import { makeExecutableSchema } from '@graphql-tools/schema'
import { expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { type Allowance, allowanceOf, unlimited } from '../../../../src/platform/graphql/engine/compile-allowance.ts'
import { compiledExecutor, plainExecutor } from '../../../../src/platform/graphql/engine/compiled-executor.ts'

const schema = makeExecutableSchema({
  typeDefs: `
    type Query { echo(text: String = "nothing", filter: Filter): String  all(filters: [Filter!]): [Echo!]!  one: Echo  broken: Echo }
    type Mutation { write: Int }
    type Echo { text: String!  one: Echo  strict: Echo!  bad: String! }
    input Filter { text: String = "any"  note: String  and: [Filter!] }
  `,
  resolvers: {
    Query: {
      echo: (_: unknown, args: unknown) => JSON.stringify(args),
      all: (_: unknown, { filters }: { filters?: { text: string }[] }) => filters ?? [],
      one: () => ({ text: 'one' }),
      broken: async () => ({ text: 'broken' }),
    },
    Mutation: { write: () => 1 },
    Echo: {
      one: () => ({ text: 'inner' }),
      strict: () => ({ text: 'strict' }),
      bad: () => {
        throw new Error('It went wrong.')
      },
    },
  },
})

function engines(allowance: Allowance = unlimited) {
  const used: string[] = []
  const compiled = compiledExecutor(schema, { allowance, onExecution: (engine) => used.push(engine) })
  const plain = plainExecutor(schema)
  return {
    used,
    async ask(query: string, variables?: Record<string, unknown>) {
      const document = parse(query)
      const [ours, theirs] = [
        await compiled({ document, variables, context: {} }),
        await plain({ document, variables, context: {} }),
      ]
      expect(JSON.parse(JSON.stringify(ours))).toEqual(JSON.parse(JSON.stringify(theirs)))
      return ours
    },
  }
}

test.each([
  ['a literal', '{ echo(text: "a") }', {}],
  ['a default', '{ echo }', {}],
  ['null', '{ echo(text: null) }', {}],
  ['a variable', 'query ($text: String) { echo(text: $text) }', { text: 'b' }],
  ['an absent variable', 'query ($text: String) { echo(text: $text) }', {}],
  ['a variable inside an object', 'query ($note: String) { echo(filter: { note: $note }) }', { note: 'c' }],
  ['an absent variable inside an object', 'query ($note: String) { echo(filter: { note: $note }) }', {}],
  ['a recursive input', 'query ($filter: Filter) { echo(filter: $filter) }', { filter: { and: [{ and: [{}] }] } }],
  ['one for a list', 'query ($filter: Filter!) { all(filters: [$filter, { text: "d" }]) { text } }', { filter: {} }],
  ['two places that fall together', '{ one { text } one @skip(if: true) { one { text } } }', {}],
  ['a fragment', '{ one { ...F } } fragment F on Echo { t: text one { text } }', {}],
  [
    'text that graphql-jit takes for a date',
    '{ echo(text: "__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0);0") }',
    {},
  ],
])('compiled, and as graphql-js has it: %s', async (_, query, variables) => {
  const { ask, used } = engines()
  await ask(query, variables)
  expect(used).toEqual(['compiled'])
})

test('an error keeps its path, place and cause', async () => {
  const { ask } = engines()
  const { errors } = await ask('{ one { text bad } }')
  expect(errors).toMatchObject([
    { message: 'It went wrong.', path: ['one', 'bad'], locations: [{ line: 1, column: 14 }] },
  ])
  expect(errors?.[0]?.originalError?.message).toBe('It went wrong.')
})

test('of several fields that fail below one null the first is told', async () => {
  const { ask } = engines()
  const { data, errors } = await ask('{ one { a: bad b: bad } }')
  expect(data).toEqual({ one: null })
  expect(errors).toHaveLength(1)
})

test.each([
  ['a mutation', 'mutation { write }'],
  ['introspection', '{ __schema { queryType { name } } }'],
  ['a name that an object reads otherwise', '{ __proto__: echo }'],
  ['a document of many operations without a name', '{ one { text } } query B { one { text } }'],
])('run by graphql-js: %s', async (_, query) => {
  const { ask, used } = engines()
  await ask(query)
  expect(used).toEqual(['graphql-js'])
})

test('what is too large is not compiled', async () => {
  const { ask, used } = engines()
  const fields = Array.from({ length: 100 }, (_, index) => `a${index}: text`).join(' ')
  const parts = Array.from({ length: 40 }, (_, index) => `b${index}: one { ${fields} }`).join(' ')
  await ask(`{ one { ${parts} } }`)
  expect(used).toEqual(['graphql-js'])
})

test('each set of conditions is compiled once, up to eight of them', async () => {
  const made: number[] = []
  const { used } = await conditionsAsked({ take: () => made.push(1) > 0 }, 16)
  expect(made).toHaveLength(8)
  expect(used.filter((engine) => engine === 'compiled')).toHaveLength(16)
})

async function conditionsAsked(allowance: Allowance, count: number) {
  const used: string[] = []
  const executor = compiledExecutor(schema, { allowance, onExecution: (engine) => used.push(engine) })
  const document = parse(
    'query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) { one { text @skip(if: $a) x: text @skip(if: $b) y: text @include(if: $c) z: text @include(if: $d) } }',
  )
  for (let round = 0; round < 2; round += 1)
    for (let set = 0; set < count; set += 1) {
      const [a, b, c, d] = [1, 2, 4, 8].map((bit) => (set & bit) > 0)
      const { data } = await executor({ document, variables: { a, b, c, d }, context: {} })
      const shown = Object.keys(data?.one as object)
      expect(shown).toEqual([...(a ? [] : ['text']), ...(b ? [] : ['x']), ...(c ? ['y'] : []), ...(d ? ['z'] : [])])
    }
  return { used }
}

test('beyond the allowance graphql-js runs it, and later it is compiled', async () => {
  let mayCompile = false
  const { ask, used } = engines({ take: () => mayCompile })
  await ask('{ one { text } }')
  mayCompile = true
  await ask('{ one { text } }')
  expect(used).toEqual(['graphql-js', 'compiled'])
})

test('an allowance gives its burst, then so many a second', () => {
  let now = 0
  const allowance = allowanceOf({ burst: 2, perSecond: 10 }, () => now)
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([true, true, false])
  now = 99
  expect(allowance.take()).toBe(false)
  now = 201
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([true, true, false])
  now = 60_000
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([true, true, false])
})
