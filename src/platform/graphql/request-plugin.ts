import type { ApolloServerPlugin, GraphQLRequestContext, GraphQLRequestListener } from '@apollo/server'
import { answerErrors, codesOf, retryAfterOf, settledStatus } from './answered-errors.ts'
import type { KnownDocuments } from './known-documents.ts'
import { refusedCost } from './limits.ts'
import { type CallerContext, operationChecks, type RequestChecks } from './operation-checks.ts'

/**
 * Refuses before execution what the caller may not ask or pay for, masks and logs what fails, and decides the HTTP status
 * (ERR-2, ERR-3). Documents that were parsed and validated are remembered in `known`.
 */
export function requestPlugin<Context extends CallerContext>(
  checks: RequestChecks<Context>,
  known?: KnownDocuments,
): ApolloServerPlugin<Context> {
  const check = operationChecks(checks)
  const listener: GraphQLRequestListener<Context> = {
    async didResolveOperation({ document, operation, request, contextValue, source, queryHash }) {
      known?.remember(source, { document, hash: queryHash })
      if (operation) await check({ document, operation, variables: request.variables ?? {}, context: contextValue })
    },
    async didEncounterErrors({ errors, operation, contextValue: { caller } }) {
      answerErrors(errors, caller, checks.log)
      // What is over the budget then is refused with the next request.
      if (!operation) await caller.spend(refusedCost - 1).catch(() => {})
    },
    async willSendResponse(requestContext) {
      settleStatus(requestContext)
    },
  }
  return { requestDidStart: async () => listener }
}

function settleStatus<Context extends CallerContext>({
  response,
  contextValue: { caller },
}: GraphQLRequestContext<Context>) {
  if (response.body?.kind !== 'single') return
  const { errors = [], data } = response.body.singleResult
  const codes = codesOf(errors)
  if (codes.length > 0) caller.notes.codes = [...new Set(codes)]
  const { http } = response
  http.status = settledStatus({ data, codes, status: http.status })
  const retryAfter = retryAfterOf(http.status, errors, http.headers.get('retry-after'))
  if (retryAfter === null) http.headers.delete('retry-after')
  else http.headers.set('retry-after', retryAfter)
}
