import fs from 'node:fs'
import { expect, test } from '@jest/globals'
import { databaseEnums } from '../../../src/platform/graphql/enums.ts'
import { makeSchema, readSchemaText } from '../../../src/platform/graphql/schema.ts'
import { commonTypes } from '../../support/platform-service.ts'

const start = (types: string) => () => makeSchema(commonTypes + types, [])

test('the schema that is served leaves nothing open', () => {
  const { rules } = makeSchema(readSchemaText(), [])
  expect(rules.access.get('Query.serverInfo')).toEqual({ public: true })
  expect(rules.access.get('Query.me')).toEqual({ public: false, scope: 'ACCOUNT_READ', role: null })
  expect(rules.scopes.get('Entry')).toEqual(['ENTRIES_READ'])
  expect(rules.sizes.get('SeriesPoint.date')).toBeUndefined()
  expect(rules.sizes.get('Series.points')).toEqual({ assumed: 30, perDay: true, perRow: false })
})

test.each([
  ['a root field with neither', 'type Query { a: Int }', 'Query.a needs exactly one of @public and @requires.'],
  ['a root field with both', 'type Query { a: Int @public @requires(scope: DEEDS_READ) }', 'Query.a needs exactly one'],
  ['a bare mutation', 'type Query { a: Int @public } type Mutation { b: Int }', 'Mutation.b needs exactly one'],
  ['a bare object type', 'type Query { a: Thing @public } type Thing { b: Int }', 'type Thing needs @scope.'],
  [
    'a list of unknown size',
    'type Query { a: Thing @public } type Thing @scope(read: DEEDS_READ) { things: [Thing!]! }',
    'Thing.things needs @listSize or `first`.',
  ],
])('start-up refuses %s', (_, types, problem) => {
  expect(start(types)).toThrow(problem)
})

test('start-up takes what leads to others as it is, and says all that is wrong at once', () => {
  const types =
    'type AThing { a: Int } type BThing { b: Int } type APayload { a: AThing b: BThing } type PageInfo { a: Int }'
  expect(start(`type Query { a: APayload @public b: PageInfo @public } ${types}`)).toThrow(
    /^The schema leaves open .*\ntype AThing needs @scope\.\ntype BThing needs @scope\.$/,
  )
})

test('enums of the database have its labels, and codegen.yml types the same ones', () => {
  const { schema } = makeSchema(readSchemaText(), [])
  const values = (name: string) => JSON.parse(JSON.stringify(schema.getType(name))) && schema.getType(name)
  expect(values('DeedCategory')).toMatchObject({ _values: [{ value: 'hasanaat' }, { value: 'saiyyiaat' }] })
  const codegen = fs.readFileSync('codegen.yml', 'utf8')
  const typed = [...codegen.matchAll(/^ {8}(\w+): \{ [A-Z]/gm)].map((match) => match[1]).sort()
  expect(typed).toEqual([...databaseEnums])
})
