// The order of things: what is kept under a state was computed after the state was read.
import { beforeEach, expect, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { type Cache, makeCache } from '../../../../src/platform/cache/cache.ts'
import { makeMemoryStore } from '../../../../src/platform/cache/memory-store.ts'
import { makeApolloServer } from '../../../../src/platform/graphql/apollo.ts'
import type { Caller } from '../../../../src/platform/graphql/caller.ts'
import { plainExecutor } from '../../../../src/platform/graphql/engine/compiled-executor.ts'
import { toGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { keptAnswers } from '../../../../src/platform/graphql/kept/kept-answers.ts'
import { defaultLimits } from '../../../../src/platform/graphql/limits.ts'
import { makeSchema } from '../../../../src/platform/graphql/schema.ts'
import { makeLog } from '../../../../src/platform/log.ts'
import { commonTypes } from '../../../support/platform-service.ts'

const typeDefs = `${commonTypes}
  type Query { me: Person! @requires(scope: ACCOUNT_READ) user(id: ID!): Shelf! @requires(scope: ACCOUNT_READ) }
  type Shelf @scope(read: ACCOUNT_READ) { page: Int! }
  type Person @scope(read: ACCOUNT_READ) { page: Int! broken: Int }`

let page: number
let readings: number
let time: number
let state: { state: string; lastsMs: number } | null
let whileComputing: () => Promise<void>
let cache: Cache

beforeEach(() => {
  page = 1
  readings = 0
  time = 1_800_000_000_000
  state = { state: '1', lastsMs: 1e9 }
  whileComputing = async () => {}
  cache = makeCache(makeMemoryStore({ bytes: 1_000_000, now: () => time }), { now: () => time })
})

function serve() {
  const Person = {
    page: async () => {
      readings += 1
      const found = page
      await whileComputing()
      return found
    },
    broken: () => {
      throw new GraphQLError('broken', { extensions: { code: 'CONFLICT' } })
    },
  }
  const executable = makeSchema(typeDefs, [
    { Query: { me: () => ({}), user: () => ({}) }, Person, Shelf: { page: Person.page } },
  ])
  const log = makeLog({ level: 'silent' })
  const { executor, plugins, stringifyResult } = keptAnswers<{ caller: Caller }>(
    executable.schema,
    plainExecutor(executable.schema),
    {
      cache,
      fields: {
        types: { Person: '*', Shelf: '*' },
        leftTypes: '',
        worthKeeping: 'Person Shelf',
        seldomChanged: 'Shelf',
      },
      program: 'a program',
      stateOf: async () => state && { ...state },
    },
  )
  const checks = { executable, limits: defaultLimits, log, checkSession: async () => {} }
  const server = makeApolloServer<{ caller: Caller }>(checks, executor, plugins, stringifyResult)
  return async (query = '{ me { page } }', as = 'leila', variables = {}) => {
    const caller = {
      viewer: { userId: as, sessionId: 's', role: 'member', scopes: ['ACCOUNT_READ'] },
      notes: {},
      spend: async () => {},
    } as unknown as Caller
    const { body } = await server.executeOperation({ query, variables }, { contextValue: { caller } })
    if (body.kind !== 'single') throw new Error('several')
    return JSON.parse(stringifyResult(body.singleResult))
  }
}

const answer = (number: number) => ({ data: { me: { page: number } } })

test('the same question in the same state is answered by the same text', async () => {
  const ask = serve()
  expect([await ask(), await ask()]).toEqual([answer(1), answer(1)])
  expect(readings).toBe(1)
})

test('a change while the answer is computed leaves nothing old under the new state', async () => {
  const ask = serve()
  whileComputing = async () => {
    page = 2
    state = { state: '2', lastsMs: 1e9 }
    whileComputing = async () => {}
  }
  expect(await ask()).toEqual(answer(1))
  expect(await ask()).toEqual(answer(2))
  expect(await ask()).toEqual(answer(2))
  expect(readings).toBe(2)
})

test('another viewer, document or variable is another question', async () => {
  const ask = serve()
  await ask()
  page = 2
  expect(await ask('{ me { page } }', 'budi')).toEqual(answer(2))
  expect(await ask('query { me { page } }')).toEqual(answer(2))
  expect(await ask('{ me { page } }', 'leila', { more: 1 })).toEqual(answer(2))
  expect(await ask()).toEqual(answer(1))
})

test('who does not see the owner is answered as ever', async () => {
  const ask = serve()
  state = null
  await ask()
  page = 2
  expect(await ask()).toEqual(answer(2))
  expect(cache.stats()).toMatchObject({ hits: 0, stores: 0 })
})

test('an answer is kept for 5 minutes, and no longer than the state lasts', async () => {
  const ask = serve()
  await ask()
  time += 300_001
  await ask()
  expect(readings).toBe(2)
  state = { state: 'until midnight', lastsMs: 1_000 }
  await ask()
  time += 1_001
  await ask()
  expect(readings).toBe(4)
})

test('an answer of what seldom changes is kept for an hour', async () => {
  const ask = serve()
  const query = `{ user(id: "${toGlobalId('User', { userId: '1' })}") { page } }`
  await ask(query)
  time += 3_599_000
  await ask(query)
  expect(readings).toBe(1)
  time += 2_000
  await ask(query)
  expect(readings).toBe(2)
  state = { state: 'until midnight', lastsMs: 1_000 }
  await ask(query)
  time += 1_001
  await ask(query)
  expect(readings).toBe(4)
})

test('an answer with errors is not kept, and tells them as ever', async () => {
  const ask = serve()
  const expected = {
    data: { me: { page: 1, broken: null } },
    errors: [expect.objectContaining({ message: 'broken', path: ['me', 'broken'] })],
  }
  expect([await ask('{ me { page broken } }'), await ask('{ me { page broken } }')]).toEqual([expected, expected])
  expect(readings).toBe(2)
  expect(cache.stats().stores).toBe(0)
})

test('a question that many ask at once is computed once', async () => {
  const ask = serve()
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
  expect(answers).toEqual(Array(20).fill(answer(1)))
  expect(readings).toBe(1)
})
