import vm from 'node:vm'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { LRUCache } from 'lru-cache'
import { badUserInput } from '../../platform/graphql/errors.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const mostBytes = 16 * 1024
/** What a pattern can make of a text, or a reference to itself of anything, ends here. A machine that is busy needs some of it. */
const mostToCheck = 2_000
/** Only administrators bring schemas, and small ones. */
const mostToCompile = 20_000

const compiled = new LRUCache<string, ValidateFunction>({ max: 100 })

/** The schema, if values can be held against it. BAD_USER_INPUT, INVALID_SCHEMA; what it refers to is in it: nothing is fetched. */
export function checkedSchema(schema: JsonSchema, field: string): JsonSchema {
  compiledSchema(schema, field)
  return schema
}

/** BAD_USER_INPUT, SCHEMA_MISMATCH unless the value fits; then it says where it does not. */
export function checkAgainst(schema: JsonSchema | null, value: unknown, field: string): void {
  if (schema === null) return
  const fits = compiledSchema(schema, field)
  const isFit = bounded(
    mostToCheck,
    () => fits(value),
    () =>
      badUserInput('The value could not be held against the schema of this key in reasonable time.', {
        reason: 'SCHEMA_MISMATCH',
        field,
      }),
  )
  if (isFit) return
  const problem = told(fits.errors?.[0])
  throw badUserInput(`The value does not fit the schema of this key: ${problem}.`, { reason: 'SCHEMA_MISMATCH', field })
}

function told(error: ErrorObject | undefined): string {
  const place = error?.instancePath ? `at ${error.instancePath.slice(0, 200)} it ` : 'it '
  const { allowedValues, allowedValue, additionalProperty } = error?.params ?? {}
  const named = allowedValues ?? allowedValue ?? additionalProperty
  const which = named === undefined ? '' : `: ${JSON.stringify(named)}`
  return `${place}${`${error?.message ?? 'is refused'}${which}`.slice(0, 300)}`
}

function compiledSchema(schema: JsonSchema, field: string): ValidateFunction {
  const text = JSON.stringify(schema)
  const known = compiled.get(text)
  if (known) return known
  const refuse = (message: string) => badUserInput(message, { reason: 'INVALID_SCHEMA', field })
  if (Buffer.byteLength(text) > mostBytes) throw refuse(`A JSON Schema has at most ${mostBytes / 1024} kB.`)
  if (Object.hasOwn(schema, '$async')) throw refuse('A JSON Schema here has no `$async`.')
  // One for each schema: they know nothing of each other, and `$id`s do not collide.
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    ownProperties: true,
    validateFormats: false,
    messages: true,
    logger: false,
  })
  const made = bounded(
    mostToCompile,
    () => ajv.compile(schema),
    (problem) => refuse(`This is no JSON Schema (2020-12) that can be used: ${problem.slice(0, 300)}.`),
  )
  compiled.set(text, made)
  return made
}

const context = vm.createContext({ work: () => {} })
const script = new vm.Script('work()')

/** What the work answers; it is ended when it takes too long. What it throws is told as `refusal` says. */
function bounded<Result>(timeout: number, work: () => Result, refusal: (problem: string) => Error): Result {
  let answer: { readonly result: Result } | undefined
  context.work = () => {
    answer = { result: work() }
  }
  try {
    script.runInContext(context, { timeout })
  } catch (error) {
    throw refusal((error as Error).message)
  } finally {
    context.work = undefined
  }
  if (answer === undefined) throw new Error('The work had no end.')
  return answer.result
}
