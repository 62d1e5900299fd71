import type { GraphQLError, GraphQLFormattedError } from 'graphql'
import type { Log } from '../log.ts'
import { answerFor } from './answer-errors.ts'
import type { Caller } from './caller.ts'

/** What was answered for an error, so that `formatError`, which knows no request, can say it again. */
const answers = new WeakMap<object, GraphQLFormattedError>()

/** Apollo's `formatError`: the answer that was made for this error when it was met, or one without a request's id. */
export function formatError(_formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  return answers.get(Object(error)) ?? answerFor(error as GraphQLError, undefined).error
}

/** What is answered for each of these errors of a request; what of them is masked is logged once (ERR-3). */
export function answerErrors(errors: readonly GraphQLError[], caller: Caller, log: Log): GraphQLFormattedError[] {
  const logged = new Set<unknown>()
  return errors.map((error) => {
    const { error: answer, masked } = answerFor(error, caller.requestId)
    answers.set(error, answer)
    if (masked !== null && !logged.has(masked)) {
      logged.add(masked)
      log.error(
        { err: masked, requestId: caller.requestId, operation: caller.notes.operation, path: error.path },
        'a request failed',
      )
    }
    return answer
  })
}

export interface Settled {
  /** Undefined: nothing was executed. */
  readonly data: Readonly<Record<string, unknown>> | null | undefined
  readonly codes: readonly string[]
  /** What the errors ask for, if anything. */
  readonly status: number | undefined
}

/**
 * 200 once execution began, else what the refusal says or 400 (ERR-2). An answer of which nothing could be had because the
 * service is unavailable is 503: whoever stands in front may send it elsewhere.
 */
export function settledStatus({ data, codes, status }: Settled): number {
  const isUnavailable = codes.length > 0 && codes.every((code) => code === 'UNAVAILABLE')
  if (data !== undefined) return isUnavailable && isNothing(data) ? 503 : 200
  if (status !== undefined && status !== 500 && status !== 200) return status
  return codes.includes('INTERNAL') ? 500 : 400
}

/**
 * The seconds after which to come again, which are told with these statuses alone. What was recognized as an outage only when it was
 * answered has brought no headers: then its answer says them.
 */
export function retryAfterOf(
  status: number,
  errors: readonly GraphQLFormattedError[],
  brought: string | undefined,
): string | null {
  if (status !== 503 && status !== 429) return null
  return brought ?? String(Math.max(1, ...errors.map(({ extensions }) => Number(extensions?.retryAfter ?? 0))))
}

/** The codes of errors as they are answered, for the log line and the status. */
export function codesOf(errors: readonly GraphQLFormattedError[]): string[] {
  return errors.map((error) => String(error.extensions?.code))
}

function isNothing(data: Readonly<Record<string, unknown>> | null): boolean {
  return data === null || Object.values(data).every((value) => value === null)
}
