import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type IdType, idParts, toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { type NodeReaders, nodeResolvers } from '../../../src/platform/graphql/node.ts'
import type { CallerContext } from '../../../src/platform/graphql/operation-checks.ts'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

type NodeContext = CallerContext & { viewer: Viewer | null }

let service: PlatformService
const as = { scopes: ['ACCOUNT_READ', 'DEEDS_READ'] }

const nobody = Object.fromEntries(Object.keys(idParts).map((type) => [type, async () => null])) as unknown
const readers: NodeReaders<NodeContext> = {
  ...(nobody as NodeReaders<NodeContext>),
  Deed: async ({ ownerId, deedId }) => (ownerId === '1' ? { id: deedId, name: `deed ${deedId}` } : null),
  Merit: async ({ goalId }) => ({ id: goalId }),
}

beforeAll(async () => {
  service = await startPlatform({
    typeDefs: `
      interface Node { id: ID! }
      type Deed implements Node @scope(read: DEEDS_READ) { id: ID! name: String }
      type Merit implements Node @scope(read: GOALS_READ) { id: ID! }
      type Query {
        node(id: ID!): Node @requires(scope: ACCOUNT_READ)
        nodes(ids: [ID!]!): [Node]! @requires(scope: ACCOUNT_READ) @listSize(assumed: 100)
      }
    `,
    resolvers: nodeResolvers(readers),
  })
})

afterAll(() => service.stop())

const deed = (deedId: string, ownerId = '1') => toGlobalId('Deed', { ownerId, deedId })
const merit = toGlobalId('Merit', { ownerId: '1', goalId: '5' })
const node = (id: string) =>
  service.ask('query ($id: ID!) { node(id: $id) { id ... on Deed { name } } }', { as, variables: { id } })
const nodes = (ids: string[]) =>
  service.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { as, variables: { ids } })

test('an object is read by its id, as the type that the id names', async () => {
  expect((await node(deed('7'))).data).toEqual({ node: { id: '7', name: 'deed 7' } })
})

test('SHA-8 what is not there is null with NOT_FOUND, and in a list only null', async () => {
  const { status, data, errors } = await node(deed('7', '2'))
  expect([status, data]).toEqual([200, { node: null }])
  expect(errors[0].extensions).toEqual({ code: 'NOT_FOUND', field: 'id' })
  const list = await nodes([deed('7', '2'), deed('8')])
  expect(list).toMatchObject({ data: { nodes: [null, { __typename: 'Deed', id: '8' }] }, errors: [] })
})

test.each([
  '',
  'x',
  'Deed:1:2',
  Buffer.from('Deed:1').toString('base64url'),
  Buffer.from('Nope:1:2').toString('base64url'),
  Buffer.from('Deed:1:99999999999999999999').toString('base64url'),
])('an id that is none of ours is refused: %j', async (id) => {
  expect((await node(id)).errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_ID', field: 'id' })
  expect((await nodes([deed('1'), id])).errors[0].extensions).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'INVALID_ID',
    field: 'ids[1]',
  })
})

test('the scope of what the id names is needed, whatever the document says', async () => {
  const { errors } = await service.ask('query ($id: ID!) { node(id: $id) { id } }', { as, variables: { id: merit } })
  expect(errors[0].extensions).toEqual({ code: 'FORBIDDEN', reason: 'MISSING_SCOPE', scopes: ['GOALS_READ'] })
})

test('a hundred ids pass, one more is refused', async () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => deed(String(index + 1)))
  expect((await nodes(ids(100))).data.nodes).toHaveLength(100)
  expect((await nodes(ids(101))).errors[0].extensions).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'TOO_MANY',
    field: 'ids',
  })
})

test('every type of the schema that is a Node can be read by its id', async () => {
  const { makeSchema, readSchemaText } = await import('../../../src/platform/graphql/schema.ts')
  const { schema } = makeSchema(readSchemaText(), [])
  const type = schema.getType('Node')
  if (!type || !('getInterfaces' in type)) throw new Error('There is no interface Node.')
  const named = schema.getPossibleTypes(type as never).map(({ name }) => name)
  expect(named.sort()).toEqual((Object.keys(idParts) as IdType[]).sort())
})
