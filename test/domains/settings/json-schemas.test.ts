import { expect, test } from '@jest/globals'
import { checkAgainst, checkedSchema } from '../../../src/domains/settings/json-schemas.ts'

/** `ok`, or the reason and the sentence of the refusal. */
function outcomeOf(work: () => unknown): string {
  try {
    work()
    return 'ok'
  } catch (error) {
    const { message, extensions } = error as { message: string; extensions?: { reason?: string } }
    return `${extensions?.reason}: ${message}`
  }
}
const schemaOutcome = (schema: Record<string, unknown>) => outcomeOf(() => checkedSchema(schema, 'input.jsonSchema'))
const valueOutcome = (schema: Record<string, unknown>, value: unknown) =>
  outcomeOf(() => checkAgainst(schema, value, 'input.value'))

test('a value that does not fit is refused with its place', () => {
  const schema = {
    type: 'object',
    properties: { size: { type: 'integer', minimum: 1 }, prompts: { type: 'array', items: { type: 'string' } } },
    required: ['size'],
    additionalProperties: false,
  }
  expect(valueOutcome(schema, { size: 3, prompts: ['why?'] })).toBe('ok')
  expect(valueOutcome(schema, { size: 3, prompts: ['why?', 4] })).toBe(
    'SCHEMA_MISMATCH: The value does not fit the schema of this key: at /prompts/1 it must be string.',
  )
  expect(valueOutcome(schema, { size: 0 })).toMatch(/^SCHEMA_MISMATCH: .*at \/size it must be >= 1\.$/)
  expect(valueOutcome({ ...schema, properties: { size: { enum: [1, 'all'] } } }, { size: 2 })).toMatch(
    /at \/size it must be equal to one of the allowed values: \[1,"all"\]\.$/,
  )
  expect(valueOutcome(schema, { size: 1, sise: 2 })).toMatch(/must NOT have additional properties: "sise"\.$/)
  expect(valueOutcome(schema, {})).toMatch(/^SCHEMA_MISMATCH: .*required property 'size'\.$/)
  expect(valueOutcome(schema, JSON.parse('{ "size": 1, "__proto__": 1 }'))).toMatch(/^SCHEMA_MISMATCH/)
  // Nothing is taken from what every object has.
  expect(valueOutcome({ required: ['toString'] }, {})).toMatch(/^SCHEMA_MISMATCH/)
})

test.each<[string, Record<string, unknown>]>([
  ['an unknown word', { tpye: 'string' }],
  ['an unknown type', { type: 'text' }],
  ['a pattern that is none', { type: 'string', pattern: '(' }],
  ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
  ['a reference to a file', { $ref: 'file:///etc/passwd' }],
  ['a reference to nothing', { $ref: '#/$defs/none' }],
  ['another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }],
  ['values out of the data', { type: 'number', minimum: { $data: '1/least' } }],
  ['a promise', { $async: true, type: 'string' }],
  ['the id of the specification', { $id: 'https://json-schema.org/draft/2020-12/schema' }],
  ['too much of it', { description: 'x'.repeat(17_000) }],
])('a schema with %s is refused', (_what, schema) => {
  expect(schemaOutcome(schema)).toMatch(/^INVALID_SCHEMA: /)
})

test('references within a schema work, and formats are left alone', () => {
  const tree = { type: 'object', properties: { below: { $ref: '#' } }, additionalProperties: false }
  expect(valueOutcome(tree, { below: { below: {} } })).toBe('ok')
  expect(valueOutcome(tree, { below: { beside: {} } })).toMatch(/^SCHEMA_MISMATCH/)
  expect(valueOutcome({ type: 'string', format: 'email' }, 'not at all')).toBe('ok')
})

test('what would never end is ended: a pattern that goes back and forth, a schema that asks for itself', () => {
  const evil = { type: 'string', pattern: '^(a|a)*$' }
  expect(schemaOutcome(evil)).toBe('ok')
  expect(valueOutcome(evil, `${'a'.repeat(60)}!`)).toMatch(/^SCHEMA_MISMATCH: .*reasonable time/)
  expect(valueOutcome(evil, 'aaa')).toBe('ok')
  expect(valueOutcome({ allOf: [{ $ref: '#' }] }, 1)).toMatch(/^(INVALID_SCHEMA|SCHEMA_MISMATCH): /)
})
