import { GraphQLScalarType, Kind, type ObjectValueNode, type ValueNode, valueFromASTUntyped } from 'graphql'
import { parseOrRefuse } from './scalar-of-text.ts'
import { textProblem } from './text.ts'

const mostBytes = 64 * 1024
const mostLevels = 8

/** `JSONObject`: an object of at most 64 kB and 8 levels, that PostgreSQL's jsonb can keep. */
export const jsonObjectScalar = new GraphQLScalarType<Record<string, unknown>>({
  name: 'JSONObject',
  serialize: (value) => value as Record<string, unknown>,
  parseValue: (value) => parseOrRefuse(() => checkedObject(value)),
  parseLiteral: (node, variables) =>
    parseOrRefuse(
      () => {
        if (node.kind !== Kind.OBJECT) throw new TypeError('JSONObject is an object.')
        return checkedObject(objectOf(node, variables ?? {}))
      },
      undefined,
      node,
    ),
})

/** `JSON`: any value of JSON within the same bounds; a text or a number has no levels. */
export const jsonScalar = new GraphQLScalarType<unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => parseOrRefuse(() => checkedValue(value)),
  parseLiteral: (node, variables) =>
    parseOrRefuse(() => checkedValue(jsonOfLiteral(node, variables ?? {})), undefined, node),
})

/** The same object if it may be stored. Throws TypeError. */
export function checkedObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('JSONObject is an object.')
  return checkedValue(value) as Record<string, unknown>
}

/** The same value if it may be stored. Throws TypeError. */
export function checkedValue(value: unknown): unknown {
  checkLevels(value, 1)
  if (Buffer.byteLength(JSON.stringify(value)) > mostBytes)
    throw new TypeError(`JSON has at most ${mostBytes / 1024} kB here.`)
  return value
}

function checkLevels(value: unknown, level: number) {
  if (typeof value === 'string') return checkText(value)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('A number in the JSON is too large.')
  if (typeof value !== 'object' || value === null) return
  if (level > mostLevels) throw new TypeError(`JSON is at most ${mostLevels} levels deep here.`)
  for (const [key, item] of Object.entries(value)) {
    checkText(key)
    checkLevels(item, level + 1)
  }
}

function checkText(text: string) {
  const problem = textProblem(text)
  if (problem) throw new TypeError(`A text in the JSON ${problem}.`)
}

/** The object of a literal; `__proto__` in it is a key like any other. */
function objectOf(node: ObjectValueNode, variables: Record<string, unknown>): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null)
  for (const field of node.fields) object[field.name.value] = jsonOfLiteral(field.value, variables)
  return object
}

/** What a literal says as JSON, variables in it filled in. */
export function jsonOfLiteral(node: ValueNode, variables: Record<string, unknown>): unknown {
  if (node.kind === Kind.OBJECT) return objectOf(node, variables)
  if (node.kind === Kind.LIST) return node.values.map((item) => jsonOfLiteral(item, variables))
  return valueFromASTUntyped(node, variables)
}
