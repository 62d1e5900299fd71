import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { unauthenticated } from '../../../src/platform/graphql/errors.ts'
import type { CallerContext } from '../../../src/platform/graphql/operation-checks.ts'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

let service: PlatformService
let asked: string[] = []
let sessionHolds = true

beforeAll(async () => {
  const note = (name: string) => () => {
    asked.push(name)
    return {}
  }
  service = await startPlatform({
    typeDefs: `
      type Query {
        open: Int @public
        me: Account @requires(scope: ACCOUNT_READ)
        report: Account @requires(scope: ACCOUNT_READ, role: ADMIN)
        who: String @public
      }
      type Mutation { save: Account @requires(scope: ACCOUNT_WRITE, role: MEMBER) }
      type Account @scope(read: ACCOUNT_READ) { id: ID deed: Deed }
      type Deed @scope(read: DEEDS_READ) { id: ID }
    `,
    resolvers: {
      Query: {
        open: () => 1,
        me: note('me'),
        report: note('report'),
        who: (_: unknown, __: unknown, { caller }: CallerContext) => caller.viewer?.userId ?? 'nobody',
      },
      Mutation: { save: note('save') },
    },
    checkSession: async () => {
      asked.push('session')
      if (!sessionHolds) throw unauthenticated('This session has ended.', { reason: 'SESSION_ENDED' })
    },
  })
})

beforeEach(() => {
  asked = []
  sessionHolds = true
})

afterAll(() => service.stop())

test('without a viewer only public documents are answered; nothing of the others runs', async () => {
  expect((await service.ask('{ open }')).data).toEqual({ open: 1 })
  const { status, data, errors } = await service.ask('{ open me { id } }')
  expect([status, data, asked]).toEqual([400, undefined, []])
  expect(errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'LOGIN_NEEDED' })
})

test('a scope that lacks is named, whether a field or a type asks for it', async () => {
  const as = { scopes: ['ACCOUNT_READ'] }
  expect((await service.ask('{ me { id } }', { as })).data).toEqual({ me: { id: null } })
  const { status, errors } = await service.ask('{ me { id deed { id } } }', { as })
  expect(status).toBe(400)
  expect(errors[0].extensions).toEqual({ code: 'FORBIDDEN', reason: 'MISSING_SCOPE', scopes: ['DEEDS_READ'] })
  const none = await service.ask('mutation { save { id } }', { as: { scopes: [] } })
  expect(none.errors[0].extensions.scopes).toEqual(['ACCOUNT_WRITE', 'ACCOUNT_READ'])
  expect(asked).toEqual(['me'])
})

test('a role that lacks is named; roles do not include each other', async () => {
  const scopes = ['ACCOUNT_READ', 'ACCOUNT_WRITE']
  for (const role of ['member', 'analyst', 'support'] as const) {
    const { status, errors } = await service.ask('{ report { id } }', { as: { role, scopes } })
    expect(status).toBe(400)
    expect(errors[0].extensions).toEqual({ code: 'FORBIDDEN', reason: 'MISSING_ROLE', role: 'ADMIN' })
  }
  expect((await service.ask('{ report { id } }', { as: { role: 'admin', scopes } })).data).toEqual({
    report: { id: null },
  })
  const admin = await service.ask('mutation { save { id } }', { as: { role: 'admin', scopes } })
  expect(admin.errors[0].extensions.role).toBe('MEMBER')
})

test('SES-2 a query that needs a role checks the session before it runs, one that needs none does not', async () => {
  const as = { role: 'admin', scopes: ['ACCOUNT_READ'] } as const
  await service.ask('{ report { id } }', { as })
  expect(asked).toEqual(['session', 'report'])
  sessionHolds = false
  const { status, errors } = await service.ask('{ report { id } }', { as })
  expect(status).toBe(400)
  expect(errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'SESSION_ENDED' })
  await service.ask('{ me { id } }', { as })
  expect(asked).toEqual(['session', 'report', 'session', 'me'])
})

test('a token that does not hold is refused where a viewer is needed, and no reason to refuse what is public', async () => {
  const headers = { authorization: 'Bearer expired' }
  const { status, errors } = await service.ask('{ me { id } }', { headers })
  expect(status).toBe(400)
  expect(errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' })
  expect((await service.ask('{ who }', { headers })).data).toEqual({ who: 'nobody' })
})

test.each(['Basic bGVpbGE6cHc=', 'Bearer', 'Bearer a b', ''])(
  'an Authorization header that is no bearer token is refused: %j',
  async (authorization) => {
    const { errors } = await service.ask('{ me { id } }', { headers: { authorization } })
    expect(errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'INVALID_TOKEN' })
  },
)

test('each operation of a document is judged by itself', async () => {
  const document = 'query A { open } query B { me { id } }'
  expect((await service.ask(document, { operationName: 'A' })).data).toEqual({ open: 1 })
  expect((await service.ask(document, { operationName: 'B' })).errors[0].extensions.code).toBe('UNAUTHENTICATED')
})
