// Every mutation, sent by everybody: who carries it out, and which fields of its payload they are told. What is not listed is denied.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  buildSchema,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { newDatabase, type TestDatabase } from '../support/database.ts'
import { newPostgisDatabase } from '../support/postgis.ts'
import { startService, type TestService } from '../support/service.ts'
import { isTried, surveysAreTried } from '../support/whole-service.ts'
import { digestOf } from './digests.ts'
import { inputs, isOfLeila } from './inputs.ts'
import { newSubjects } from './subjects.ts'
import { carriedOut, refusedRows, toldOf } from './table.ts'
import { type Matrix, newMatrix, type Role, roles } from './world.ts'

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(isTried)
const newWholeDatabase = surveysAreTried ? newPostgisDatabase : newDatabase
const limits = { cost: 1e9, viewerCostPerMinute: 1e12, anonymousCostPerMinute: 1e12 }

let template: TestDatabase
/** On a copy in which nobody carries anything out. */
let untouched: TestService
let matrix: Matrix
let subjects: Awaited<ReturnType<typeof newSubjects>>
beforeAll(async () => {
  template = await newWholeDatabase()
  const service = await startService({ database: template, limits })
  matrix = await newMatrix(service)
  subjects = await newSubjects(service, matrix)
  await service.stop()
  await template.close()
  untouched = await startService({ database: await newWholeDatabase({ template: template.name }), limits })
}, 60_000)
afterAll(async () => {
  await untouched.stop()
  await untouched.database.stop()
  await template.stop()
})

/** A service on a copy of the world: what is done there is done nowhere else. */
async function inCopy<Answer>(work: (service: TestService) => Promise<Answer>): Promise<Answer> {
  const database = await newWholeDatabase({ template: template.name })
  const service = await startService({ database, limits })
  try {
    return await work(service)
  } finally {
    await service.stop()
    await database.stop()
  }
}

const inUntouched = <Answer>(work: (service: TestService) => Promise<Answer>) => work(untouched)

const isPayload = (type: GraphQLObjectType) => /(Payload|RowError)$/.test(type.name)
const innerOf = ({ type }: GraphQLField<unknown, unknown>) => {
  const inner = getNamedType(type)
  return isObjectType(inner) ? inner : null
}
const askable = (type: GraphQLObjectType) =>
  Object.values(type.getFields()).filter((field) => !field.args.some(isRequiredArgument))

/** What a payload is asked for: all of its fields, and all of those of what it tells of. */
function selection(type: GraphQLObjectType): string {
  const fields = askable(type).map((field) => {
    const inner = innerOf(field)
    if (!inner) return isCompositeType(getNamedType(field.type)) ? `${field.name} { __typename }` : field.name
    return `${field.name} ${isPayload(type) ? selection(inner) : '{ __typename }'}`
  })
  return `{ ${fields.join(' ')} }`
}

const isThere = (value: unknown) => value !== null && value !== undefined

interface Told {
  /** The fields of a payload that hold something, those within other payloads after a dot. */
  readonly fields: readonly string[]
  /** The fields of what it tells of that hold something: `Entry.count`. */
  readonly within: readonly string[]
}

function toldIn(value: unknown, type: GraphQLObjectType): Told {
  const objects = [value].flat().filter(isThere) as Record<string, unknown>[]
  const parts = Object.values(type.getFields()).map((field): Told => {
    const found = objects.flatMap((object) => object[field.name])
    if (!found.some(isThere)) return { fields: [], within: [] }
    const inner = innerOf(field)
    if (!inner || !isPayload(type)) return { fields: [field.name], within: [] }
    const below = toldIn(found, inner)
    if (!isPayload(inner)) return { fields: [field.name], within: below.fields.map((name) => `${inner.name}.${name}`) }
    return { fields: [field.name, ...below.fields.map((name) => `${field.name}.${name}`)], within: below.within }
  })
  return { fields: parts.flatMap(({ fields }) => fields), within: parts.flatMap(({ within }) => within) }
}

/** Fields of a payload and of those within it, by the names that `toldIn` gives them. */
function fieldsOf(type: GraphQLObjectType): string[] {
  return askable(type).flatMap((field) => {
    const inner = innerOf(field)
    const below = inner && isPayload(inner) ? fieldsOf(inner).map((name) => `${field.name}.${name}`) : []
    return [field.name, ...below]
  })
}

const payloadOf = (name: string) => getNamedType(schema.getMutationType()?.getFields()[name]?.type) as GraphQLObjectType

/** What somebody is told who sends a mutation; null when they are refused. */
async function sent(service: TestService, name: string, role: Role): Promise<Told | null> {
  const field = schema.getMutationType()?.getFields()[name]
  const theirs = (type: string) => subjects.theirs[type]?.[0] ?? `no ${type}`
  const input = await inputs[name]?.(theirs, { role, email: subjects.emails[role], service })
  const [parameter, argument] = field?.args.length ? [`($input: ${field.args[0]?.type})`, '(input: $input)'] : ['', '']
  const document = `mutation ${parameter} { answer: ${name}${argument} ${selection(payloadOf(name))} }`
  const viewer = matrix.viewers[role]
  const { data, errors } = await service.execute(document, argument ? { input } : {}, viewer ? { as: viewer } : {})
  // A document that is no question would be refused to everybody.
  const broken = ({ code, reason }: Record<string, unknown>) => code === 'INTERNAL' || reason === 'INVALID_DOCUMENT'
  expect(errors?.filter(({ extensions }) => broken(extensions)) ?? []).toEqual([])
  return data?.answer ? toldIn(data.answer, payloadOf(name)) : null
}

/** Who is told something by the table, and what. */
function listed(name: string): Map<Role, string> {
  const told = new Map<Role, string>()
  for (const [group, fields] of Object.entries(carriedOut[name] ?? {}))
    for (const role of group.split(' ')) told.set(role as Role, fields)
  return told
}

test('every mutation is tried, and listed', () => {
  const names = mutations.map(({ name }) => name).sort()
  // A new one: write in inputs.ts what it is sent with, and in table.ts who carries it out and what they are told.
  expect(names.filter((name) => !Object.hasOwn(inputs, name) || !Object.hasOwn(carriedOut, name))).toEqual([])
  const untold = names.flatMap((name) => {
    const told = [...listed(name).values()].flatMap((fields) => fields.split(' '))
    return fieldsOf(payloadOf(name))
      .filter((field) => !told.includes(field))
      .map((field) => `${name}: ${field}`)
  })
  // Of a scan that comes as a geometry there is none: test/domains/surveys/scan-files.test.ts tries those that come as files.
  expect(untold).toEqual(['addScan: import'])
})

/** By this one Leila is asked, whoever sends it. */
const asksLeila = 'requestRelation'
/** Leila, and who signs in by what she knows. */
const isLeila = (role: Role) => role === 'owner' || role === 'anonymous'

async function answerTo(service: TestService, name: string, role: Role): Promise<string> {
  const told = await sent(service, name, role)
  if (isOfLeila(name) && role !== 'owner') {
    const beyond = told?.within.filter((each) => !toldOf(...(each.split('.') as [string, string])).includes(role))
    expect([role, beyond ?? []]).toEqual([role, []])
  }
  return told ? told.fields.join(' ') : 'refused'
}

const isChanged = (told: string | undefined) => told !== undefined && !refusedRows.includes(told)

test.each(mutations.map(({ name }) => name))('SHA-8 %s: who carries it out, and what they are told', async (name) => {
  // What one has done to what is Leila's can't be done again.
  const alone = roles.filter((role) => isOfLeila(name) && isChanged(listed(name).get(role)))
  const together = roles.filter((role) => !alone.includes(role))
  const leila = matrix.viewers.owner?.userId ?? ''
  const answers = await (isOfLeila(name) ? inUntouched : inCopy)(async (service) => {
    const before = await digestOf(service.database, leila)
    const told: Record<string, string> = {}
    const others = together.filter((role) => !isLeila(role))
    // At once: those about accounts keep everybody waiting for as long, whoever they are.
    const toOthers = await Promise.all(others.map((role) => answerTo(service, name, role)))
    for (const [index, role] of others.entries()) told[role] = toOthers[index] ?? ''
    if (name !== asksLeila) expect(await digestOf(service.database, leila)).toEqual(before)
    for (const role of together) if (isLeila(role)) told[role] = await answerTo(service, name, role)
    return told
  })
  for (const role of alone) answers[role] = await inCopy((service) => answerTo(service, name, role))
  expect(answers).toEqual(Object.fromEntries(roles.map((role) => [role, listed(name).get(role) ?? 'refused'])))
})
