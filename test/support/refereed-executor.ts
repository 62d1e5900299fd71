import type { ExecutionResult, GraphQLSchema } from 'graphql'
import { answerFor } from '../../src/platform/graphql/answer-errors.ts'
import { unlimited } from '../../src/platform/graphql/engine/compile-allowance.ts'
import {
  compiledExecutor,
  type Execution,
  type Executor,
  plainExecutor,
} from '../../src/platform/graphql/engine/compiled-executor.ts'
import { nullPlace, oneErrorPerNull } from '../../src/platform/graphql/engine/one-error-per-null.ts'

/** Runs by the compiled engine, then by graphql-js as well, and keeps every query that they answered differently. */
export interface Referee {
  readonly makeExecutor: (schema: GraphQLSchema) => Executor
  /** How many executions were compared. */
  compared(): number
  /** Throws with the first difference, if there was one. */
  assertAgreed(): void
}

export interface RefereeOptions {
  /** A context as of a new request of the same caller. */
  renew(context: unknown): unknown
}

/** Somebody may write between the two answers: what stays different ten times is a difference. */
const attempts = 10

export function makeReferee({ renew }: RefereeOptions): Referee {
  const differences: string[] = []
  let compared = 0
  const makeExecutor = (schema: GraphQLSchema): Executor => {
    let engine = ''
    const compiled = compiledExecutor(schema, { allowance: unlimited, onExecution: (by) => (engine = by) })
    const plain = plainExecutor(schema)
    const differ = async (execution: Execution, answer: ExecutionResult) => {
      let ours = answer
      for (let attempt = 1; ; attempt += 1) {
        const theirs = await plain({ ...execution, context: renew(execution.context) })
        if (comparable(ours) === comparable(theirs)) return
        if (attempt === attempts) return void differences.push(described(execution, ours, theirs))
        ours = await compiled({ ...execution, context: renew(execution.context) })
      }
    }
    return async (execution) => {
      const running = compiled(execution)
      const ranBy = engine
      const answer = await running
      if (ranBy === 'compiled') {
        compared += 1
        await differ(execution, answer)
      }
      return answer
    }
  }
  return {
    makeExecutor,
    compared: () => compared,
    assertAgreed() {
      if (differences.length > 0)
        throw new Error(
          `${differences.length} queries were answered differently by the two engines.\n${differences[0]}`,
        )
    },
  }
}

/**
 * What is compared: data and errors as they are sent, the errors in any order. Of those below a null that came up from one of them graphql-js
 * tells some, as time has it: it counts only that there are any. Instants of the last minute are equal to each other.
 */
function comparable({ data, errors = [] }: ExecutionResult): string {
  const shown = oneErrorPerNull(data, errors).map((error) => {
    const place = nullPlace(data, error.path ?? [])
    return JSON.stringify(place.length < (error.path?.length ?? 0) ? place : answerFor(error, 'a request').error)
  })
  return JSON.stringify({ data, errors: shown.sort() }, (_, value) => (isJustNow(value) ? 'just now' : value))
}

function isJustNow(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return false
  return Math.abs(Date.now() - Date.parse(value)) < 60_000
}

function described({ document, variables }: Execution, ours: ExecutionResult, theirs: ExecutionResult): string {
  return [
    document.loc?.source.body,
    JSON.stringify(variables),
    `compiled:   ${JSON.stringify(ours)}`,
    `graphql-js: ${JSON.stringify(theirs)}`,
  ].join('\n')
}
