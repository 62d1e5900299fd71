import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { answerErrors, codesOf, retryAfterOf, settledStatus } from './answered-errors.ts'
import type { Executor } from './engine/compiled-executor.ts'
import type { KeptAnswers } from './kept/kept-answers.ts'
import type { KnownDocuments } from './known-documents.ts'
import { type CallerContext, operationChecks, type RequestChecks } from './operation-checks.ts'

/** The body of a request, its fields of the types that GraphQL over HTTP gives them. */
export interface AskedDirectly {
  readonly query: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

export interface DirectAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

/** Answers a document that Apollo has parsed and validated before; null for any other. */
export type AnswerDirectly<Context> = (asked: AskedDirectly, makeContext: () => Context) => Promise<DirectAnswer> | null

export interface DirectAnswersOptions<Context extends CallerContext> {
  readonly checks: RequestChecks<Context>
  readonly known: KnownDocuments
  readonly execute: Executor
  readonly kept: KeptAnswers<Context> | null
}

/**
 * What Apollo does with a request, for documents that it has seen: the same checks, kept answers, engine and errors, without the hooks,
 * hashes and copies that it makes for each. An answer is the same to the letter, whichever of the two gives it.
 */
export function directAnswers<Context extends CallerContext>({
  checks,
  known,
  execute,
  kept,
}: DirectAnswersOptions<Context>): AnswerDirectly<Context> {
  const check = operationChecks(checks)
  const failed = (error: unknown, { caller }: Context) => textOf({ errors: [graphqlError(error)] }, caller, checks.log)
  return ({ query, operationName, variables }, makeContext) => {
    const found = known.find(query)
    const operation = found && getOperationAST(found.document, operationName)
    if (!operation) return null
    const { document, hash } = found
    return (async () => {
      const context = makeContext()
      try {
        await check({ document, operation, variables, context })
        const text = await kept?.textFor({ document, operation, hash, operationName, variables, context })
        if (text != null) return { status: 200, headers: noHeaders, text }
        const run = kept?.executor ?? execute
        return textOf(await run({ document, operationName, variables, context }), context.caller, checks.log)
      } catch (error) {
        return failed(error, context)
      }
    })()
  }
}

const noHeaders: ReadonlyMap<string, string> = new Map()

function textOf(
  { data, errors = [] }: ExecutionResult,
  caller: CallerContext['caller'],
  log: RequestChecks<CallerContext>['log'],
): DirectAnswer {
  if (errors.length === 0) return { status: 200, headers: noHeaders, text: JSON.stringify({ data }) }
  const answered = answerErrors(errors, caller, log)
  const codes = codesOf(answered)
  caller.notes.codes = [...new Set(codes)]
  const wanted = headOf(errors)
  const status = settledStatus({ data, codes, status: wanted.status })
  const retryAfter = retryAfterOf(status, answered, wanted.headers.get('retry-after'))
  wanted.headers.delete('retry-after')
  const headers = retryAfter === null ? wanted.headers : wanted.headers.set('retry-after', retryAfter)
  return { status, headers, text: JSON.stringify({ errors: answered, data }) }
}

/** What errors say of the HTTP answer, the later ones before the earlier. */
function headOf(errors: readonly GraphQLError[]) {
  const headers = new Map<string, string>()
  let status: number | undefined
  for (const { extensions } of errors) {
    const http = extensions.http as { status?: number; headers?: ReadonlyMap<string, string> } | undefined
    status = http?.status ?? status
    for (const [name, value] of http?.headers ?? []) headers.set(name, value)
  }
  return { status, headers }
}

function graphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  const thrown = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(thrown.message, { originalError: thrown })
}
