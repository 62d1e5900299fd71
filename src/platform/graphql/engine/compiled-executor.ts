import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  GraphQLScalarType,
  GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  valueFromAST,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { LRUCache } from 'lru-cache'
import { withoutStack } from '../errors.ts'
import { coercedType, compilableOf, type Literal } from './compilable.ts'
import type { Allowance } from './compile-allowance.ts'
import { type Conditions, conditionVariables } from './conditions.ts'
import { oneErrorPerNull } from './one-error-per-null.ts'

/** One operation of a validated document, with variables as they were sent. */
export interface Execution {
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly context: unknown
}

export type Executor = (execution: Execution) => Promise<ExecutionResult>

export interface CompiledExecutorOptions {
  /** Compiled operations that are kept; the least recently used one goes first. */
  readonly kept?: number
  /** Whether one more may be compiled now. */
  readonly allowance: Allowance
  /** Told of each execution, for metrics and tests. */
  readonly onExecution?: (engine: 'compiled' | 'graphql-js') => void
}

interface Compiled {
  readonly query: CompiledQuery['query']
  readonly literals: readonly Literal[]
}

/** What is known of an operation: what it is compiled to for each set of conditions that it was asked with. */
interface Known {
  readonly conditions: readonly string[]
  readonly variants: Map<string, Compiled | null>
}

/** Variants of an operation that are compiled; with more sets of conditions it is run by graphql-js. */
const mostVariants = 8

/** Runs every operation by graphql-js. */
export function plainExecutor(schema: GraphQLSchema): Executor {
  return async ({ document, operationName, variables, context }) =>
    execute({ schema, document, operationName, variableValues: variables, contextValue: context })
}

/**
 * Runs queries by functions that graphql-jit compiled, an operation once, and everything that it would run otherwise than graphql-js by
 * graphql-js. Variables and literals are coerced by graphql-js in both cases. An operation that does not compile is not tried again.
 */
export function compiledExecutor(schema: GraphQLSchema, options: CompiledExecutorOptions): Executor {
  const interpret = plainExecutor(schema)
  const variantOf = compiledVariants(schema, options)
  return async (execution) => {
    const { document, operationName, variables, context } = execution
    const operation = getOperationAST(document, operationName)
    if (operation?.operation === 'query') {
      const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, {
        maxErrors: 50,
      })
      if (errors) return { errors }
      const compiled = variantOf(document, operation, coerced)
      const values = compiled && valuesFor(compiled, coerced)
      if (values) {
        options.onExecution?.('compiled')
        return withWholeErrors(await compiled.query(undefined, context, values))
      }
    }
    options.onExecution?.('graphql-js')
    return interpret(execution)
  }
}

type Values = Readonly<Record<string, unknown>>

/** The compiled form of an operation for these variables, made when it is new; null when graphql-js has to run it. */
function compiledVariants(schema: GraphQLSchema, { allowance, kept = 500 }: CompiledExecutorOptions) {
  const compile = compiler(schema)
  const operations = new LRUCache<OperationDefinitionNode, Known>({ max: kept })
  return (document: DocumentNode, operation: OperationDefinitionNode, values: Values): Compiled | null => {
    const known = operations.get(operation) ?? { conditions: conditionVariables(document), variants: new Map() }
    const conditions = known.conditions.map((name) => [name, values[name]] as const)
    if (!conditions.every(isDecided)) return null
    const key = JSON.stringify(conditions)
    const before = known.variants.get(key)
    if (before !== undefined) return before
    if (known.variants.size >= mostVariants || !allowance.take()) return null
    const made = compile(document, operation, new Map(conditions))
    known.variants.set(key, made)
    operations.set(operation, known)
    return made
  }
}

function isDecided(condition: readonly [string, unknown]): condition is readonly [string, boolean] {
  return typeof condition[1] === 'boolean'
}

function compiler(schema: GraphQLSchema) {
  const coerced = new GraphQLScalarType({ name: coercedType, parseValue: (value) => value })
  const { types, ...rest } = schema.toConfig()
  const forCompiler = new GraphQLSchema({ ...rest, types: [...types, coerced], assumeValid: true })
  return (document: DocumentNode, operation: OperationDefinitionNode, conditions: Conditions): Compiled | null => {
    const compilable = compilableOf(schema, document, operation, conditions)
    if (!compilable) return null
    try {
      const made = compileQuery(forCompiler, compilable.document, operation.name?.value, {
        disablingCapturingStackErrors: true,
      })
      return isCompiledQuery(made) ? { query: made.query, literals: compilable.literals } : null
    } catch {
      return null
    }
  }
}

/** Null when a literal does not come to a value with these variables: graphql-js says so in its own words. */
function valuesFor({ literals }: Compiled, variables: Values): Record<string, unknown> | null {
  const values: Record<string, unknown> = { ...variables }
  for (const { variable, value, type } of literals) {
    const literal = valueFromAST(value, type, variables)
    if (literal === undefined) return null
    values[variable] = literal
  }
  return values
}

/** graphql-jit's errors have no `extensions`, without which Apollo answers them without path and tells nobody. */
function withWholeErrors({ data, errors }: ExecutionResult): ExecutionResult {
  return errors ? { data: data ?? null, errors: oneErrorPerNull(data, errors).map(wholeError) } : { data: data ?? null }
}

function wholeError({ message, path, originalError, locations }: GraphQLError): GraphQLError {
  // What it finds wrong with an argument itself is thrown by no resolver; graphql-js throws it.
  const thrown = originalError ?? (message.startsWith('Argument "') ? new GraphQLError(message) : undefined)
  // The stack that helps is that of what was thrown.
  const whole = withoutStack(() => new GraphQLError(message, { path, originalError: thrown }))
  return locations ? Object.assign(whole, { locations }) : whole
}
