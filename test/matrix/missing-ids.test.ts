// An id that nothing is found for is named where it stood in the input, whatever is asked of it; and nothing more is told of it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { readSchemaText } from '../../src/platform/graphql/schema.ts'
import { readSchemaRules } from '../../src/platform/graphql/schema-rules.ts'
import type { TestPerson } from '../support/people.ts'
import type { TestService } from '../support/service.ts'
import { isTried, startWholeService } from '../support/whole-service.ts'
import { type Attempt, attempts, besideOwn, type Id, neverWas, pathsOfIds } from './attempts.ts'
import { type Matrix, newDiary, newMatrix, type Role, sender } from './world.ts'

const schema = buildSchema(readSchemaText())
const mutations = schema.getMutationType()?.getFields() ?? {}
const rules = readSchemaRules(schema)

/** What is said of one's own input as a whole rather than of what there is: it does not fit, whether it is there or not. */
const misfits = ['INVALID_GOAL', 'INVALID_ID']

let service: TestService
let matrix: Matrix
let stranger: TestPerson
let ofStranger: Record<string, readonly string[]>
beforeAll(async () => {
  service = await startWholeService()
  matrix = await newMatrix(service)
  stranger = matrix.viewers.stranger ?? never()
  ofStranger = (await newDiary(sender(service, stranger))).instances
}, 60_000)
afterAll(() => service.stop())

function never(): never {
  throw new Error('there is none')
}

const own: Id = (type) => {
  if (type === 'ScaledDeed') return matrix.instances.Deed?.[1] ?? never()
  return matrix.instances[type]?.[0] ?? never()
}

/** Where the values stand in the input, in its order. */
function placesOf(value: unknown, wanted: ReadonlySet<unknown>, at = 'input'): string[] {
  if (wanted.has(value)) return [at]
  if (Array.isArray(value)) return value.flatMap((each, place) => placesOf(each, wanted, `${at}[${place}]`))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, each]) => placesOf(each, wanted, `${at}.${name}`))
}

/** Who is allowed to send it at all: Leila, whose diary it is, or staff. */
function senderOf(name: string): TestPerson {
  const access = rules.access.get(`Mutation.${name}`)
  const role = access && !access.public ? access.role?.toLowerCase() : undefined
  return matrix.viewers[(role ?? 'owner') as Role] ?? never()
}

interface Tried {
  readonly name: string
  readonly attempt: Attempt
}

const tried: Tried[] = [attempts, besideOwn].flatMap((each) =>
  Object.entries(each).flatMap(([name, tries]) => tries.map((attempt) => ({ name, attempt }))),
)

function inputOf({ attempt }: Tried, idOf: Id) {
  const missing = new Set<string>()
  const input = attempt((type) => {
    const id = idOf(type)
    missing.add(id)
    return id
  }, own)
  return { input, places: placesOf(input, missing) }
}

async function refusalOf(name: string, input: object) {
  const type = mutations[name]?.args[0]?.type
  const fields = name === 'recordEntries' ? 'rows { error { code reason field } }' : '__typename'
  const document = `mutation ($input: ${type}) { answer: ${name}(input: $input) { ${fields} } }`
  const { data, errors } = await service.execute(document, { input }, { as: senderOf(name) })
  return errors?.[0]?.extensions ?? data.answer.rows?.[0].error ?? data
}

function told({ code, reason, field }: { code?: string; reason?: string; field?: string }) {
  return { answer: misfits.includes(reason ?? '') ? 'NOT_FOUND' : code, field }
}

test('every id of every input is tried', () => {
  const ids = Object.values(mutations).flatMap(({ name, args }) =>
    args.flatMap((arg) => pathsOfIds(arg.type, arg.name).map((path) => `${name} ${path}`)),
  )
  const covered = tried.flatMap((each) =>
    inputOf(each, (type) => `missing ${type}`).places.map((at) => `${each.name} ${at}`),
  )
  expect(ids.filter((id) => !covered.includes(id))).toEqual([])
})

test.each(
  tried
    .filter(({ name }) => isTried(mutations[name] ?? {}))
    .map((each, index) => [`${each.name} (${index})`, each] as const),
)('SHA-8 %s names the id that nothing is found for', async (_, each) => {
  // One's own that never was, and one of somebody else's that is there.
  const missing = [
    (type: string) => neverWas(own(type)),
    (type: string) => ofStranger[type]?.[0] ?? neverWas(own(type)),
  ]
  const answers = []
  for (const idOf of missing) {
    const { input, places } = inputOf(each, idOf)
    answers.push([await refusalOf(each.name, input), places[0]])
  }
  expect(answers.map(([refusal]) => told(refusal))).toEqual(
    answers.map(([, field]) => ({ answer: 'NOT_FOUND', field })),
  )
})

test.each([
  ['a node', '{ node(id: $id) { id } }', 'DeedItem', 'id'],
  ['a person', '{ user(id: $id) { id } }', 'User', 'id'],
  ['a preview', '{ previewAccess(relationId: $id) { id } }', 'Relation', 'relationId'],
])('SHA-8 %s that is not there is named', async (_, document, type, field) => {
  const { errors } = await service.execute(
    `query ($id: ID!) ${document}`,
    { id: neverWas(own(type)) },
    { as: matrix.viewers.owner ?? never() },
  )
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'NOT_FOUND', field }])
})
