import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { buildSchema, type GraphQLEnumType } from 'graphql'
import { constraintErrors } from '../src/constraint-errors.ts'

const read = (folder: string, ending: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.startsWith('generated'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n')

function described(): Set<string> {
  const type = buildSchema(readFileSync('schema.graphql', 'utf8')).getType('ErrorReason') as GraphQLEnumType
  return new Set(type.getValues().map(({ name }) => name))
}

// What no request can bring about as long as the code is right: the database's word in case it is not.
const invariants = [
  'append_only',
  'deed_fixed',
  'deletion_incomplete',
  'entry_key_fixed',
  'goal_sealed',
  'item_not_found',
  'scale_days_uncovered',
  'scale_version_gap',
  'scores_all_or_none',
  'permission_closed',
  'request_refused',
]

test('ERR-1 every reason that the code gives is described in the schema', () => {
  const given = [...read('src', '.ts').matchAll(/reason: '([A-Z_]+)'/g)].map(([, reason]) => reason)
  expect(given.length).toBeGreaterThan(40)
  const known = described()
  expect(given.filter((reason) => !known.has(reason ?? ''))).toEqual([])
})

test('ERR-1 whatever refuses what was sent gives a reason for programs', () => {
  const calls = [
    ...read('src/domains', '.ts').matchAll(/\b(?:badUserInput|conflict)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g),
  ]
  expect(calls.length).toBeGreaterThan(60)
  expect(calls.map(([call]) => call).filter((call) => !/reason|details/.test(call))).toEqual([])
})

test('ERR-1 every refusal of a trigger is described in the schema, or turned into one that is', () => {
  const given = [...read('db/migrations', '.up.sql').matchAll(/refuse\(\s*'KT\d+',\s*'([a-z_]+)'/g)].map(
    ([, name]) => name ?? '',
  )
  expect(given.length).toBeGreaterThan(20)
  const known = described()
  const unknown = given.filter(
    (name) => !known.has(name.toUpperCase()) && !Object.hasOwn(constraintErrors, name) && !invariants.includes(name),
  )
  expect(unknown).toEqual([])
})
