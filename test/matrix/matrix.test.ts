// Every field of every object type, held against a table of who is told it. What is not listed is for the owner alone.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema, type GraphQLObjectType, isInterfaceType, isObjectType } from 'graphql'
import type { TestService } from '../support/service.ts'
import { isTried, startWholeService } from '../support/whole-service.ts'
import { others, toldOf } from './table.ts'
import { documentFor, objectsIn, waysTo } from './ways.ts'
import { type Matrix, mark, newMatrix, type Role, roles } from './world.ts'

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const roots = ['Query', 'Mutation', 'Subscription']
/** Pages and edges hold what their objects' type is. */
const dataOf = (type: GraphQLObjectType) => schema.getType(type.name.replace(/(Connection|Edge)$/, '')) ?? type
const types = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType =>
    isObjectType(type) && !type.name.startsWith('__') && !roots.includes(type.name) && isTried(dataOf(type)),
)
const node = schema.getType('Node')
const nodeTypes = isInterfaceType(node)
  ? schema
      .getPossibleTypes(node)
      .filter(isTried)
      .map(({ name }) => name)
  : []

const given = {
  'Query.search': `(text: "${mark}")`,
  'Query.searchScans': '(filter: {})',
  'Query.setting': '(key: "matrix")',
  'Query.users': `(filter: { search: "leila" })`,
  'Query.auditLog': '(first: 100)',
  'Dashboard.series': '(by: ITEM)',
  'Account.auditLog': '(first: 100)',
}
/** Ways that lead to less than others do. */
const avoided = ['User.entries', 'Query.me', 'Query.user', 'Deed.merits', 'User.deeds']
const ways = waysTo(schema, nodeTypes, given, avoided)
const reached = types.filter(({ name }) => ways.has(name))

let service: TestService
let matrix: Matrix
beforeAll(async () => {
  const limits = {
    cost: 1e9,
    viewerCostPerMinute: 1e9,
    anonymousCostPerMinute: 1e9,
    aliases: 1e3,
    rootFields: 100,
    tokens: 1e5,
  }
  service = await startWholeService({ limits })
  matrix = await newMatrix(service)
}, 60_000)
afterAll(() => service.stop())

const isTold = (name: string, value: unknown) =>
  value !== null &&
  value !== undefined &&
  !(Array.isArray(value) && value.length === 0) &&
  !(name === 'totalCount' && value === 0)

/** Which fields of Leila's objects of a type somebody is told. */
async function toldTo(role: Role, type: GraphQLObjectType): Promise<string[]> {
  const way = ways.get(type.name)
  const viewer = matrix.viewers[role]
  if (!way) throw new Error(`no way to ${type.name}`)
  const document = documentFor(type, way, matrix.instances[way.from] ?? [], given)
  const { data, response } = await service.execute(document, {}, viewer ? { as: viewer } : {})
  const objects = objectsIn(data, way)
  if (objects.length === 0) expect(response.body).not.toContain(mark)
  return Object.keys(type.getFields()).filter((name) => objects.some((object) => isTold(name, object[name])))
}

test('there is an instance of every type that has an id', () => {
  // One that is missing here is to be made by newMatrix() in world.ts, which answers its id under the type's name.
  expect(nodeTypes.filter((type) => (matrix.instances[type] ?? []).length === 0)).toEqual([])
})

test('what is reached by no id and no query is what mutations answer with', () => {
  const payloads = types.filter(({ name }) => !ways.has(name)).map(({ name }) => name)
  // One that is not: give the arguments of a field that leads to it in `given`.
  expect(payloads.filter((name) => !/Payload$/.test(name) && name !== 'RowError')).toEqual([])
})

test('the table names types and fields that there are', () => {
  const unknown = Object.entries(others).flatMap(([type, groups]) => {
    const found = schema.getType(type)
    const fields = isObjectType(found) ? found.getFields() : {}
    const named = Object.values(groups).flatMap((names) => names.split(' '))
    return named.filter((field) => field !== '*' && !Object.hasOwn(fields, field)).map((field) => `${type}.${field}`)
  })
  expect(unknown).toEqual([])
})

test.each(reached.map((type) => [type.name, type] as const))(
  'SHA-8 %s: who is told which field',
  async (name, type) => {
    const told = new Map<string, Role[]>(Object.keys(type.getFields()).map((field) => [field, []]))
    for (const role of roles) for (const field of await toldTo(role, type)) told.get(field)?.push(role)
    const expected = Object.fromEntries([...told.keys()].map((field) => [field, toldOf(name, field).join(' ')]))
    // A new field is the owner's alone, until table.ts lists who else is told; world.ts must give the owner something in it.
    expect(Object.fromEntries([...told].map(([field, to]) => [field, to.join(' ')]))).toEqual(expected)
  },
)

const argumentsOf: Record<string, string> = {
  node: '(id: $user)',
  nodes: '(ids: [$user])',
  user: '(id: $user)',
  search: given['Query.search'],
  setting: given['Query.setting'],
  previewAccess: '(relationId: $relation)',
  project: '(id: $project)',
  searchScans: given['Query.searchScans'],
}

const queries = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(isTried)

test.each(queries.map(({ name }) => name))('SHA-8 Query.%s: who is told of it', async (field) => {
  const told: Role[] = []
  const variables = {
    user: matrix.instances.User?.[0],
    relation: matrix.instances.Relation?.[0],
    project: matrix.instances.Project?.[0],
  }
  const declared = Object.keys(variables)
    .filter((name) => argumentsOf[field]?.includes(`$${name})`) || argumentsOf[field]?.includes(`$${name}]`))
    .map((name) => `$${name}: ID!`)
  const document = `query ${declared.length > 0 ? `(${declared})` : ''} { at: ${field}${argumentsOf[field] ?? ''} { __typename } }`
  for (const role of roles) {
    const viewer = matrix.viewers[role]
    const { data } = await service.execute(document, variables, viewer ? { as: viewer } : {})
    const answer = Array.isArray(data?.at) ? data.at[0] : data?.at
    if (answer !== null && answer !== undefined) told.push(role)
  }
  expect(told.join(' ')).toBe(toldOf('Query', field).join(' '))
})
