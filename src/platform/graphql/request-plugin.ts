import type { ApolloServerPlugin, GraphQLRequestContext, GraphQLRequestListener } from '@apollo/server'
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLFormattedError,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import type { Log } from '../log.ts'
import { answerFor } from './answer-errors.ts'
import type { Caller } from './caller.ts'
import { costOf } from './cost.ts'
import { type Demands, demandsOf } from './document-demands.ts'
import { forbidden, queryTooCostly, unauthenticated } from './errors.ts'
import { type Limits, refusedCost } from './limits.ts'
import { checkLiterals, checkVariables } from './request-texts.ts'
import type { ExecutableSchema } from './schema.ts'

/** The part of a context that this needs: who asks. */
export interface CallerContext {
  readonly caller: Caller
}

export interface RequestChecks<Context extends CallerContext> {
  readonly executable: ExecutableSchema
  readonly limits: Limits
  readonly log: Log
  /** Rejects unless session, status and role of the viewer still hold; for documents that need a role (SES-2). */
  checkSession(context: Context): Promise<void>
}

/** What was answered for an error, so that `formatError`, which knows no request, can say it again. */
const answers = new WeakMap<object, GraphQLFormattedError>()

/** Apollo's `formatError`: the answer that was made for this error when it was met, or one without a request's id. */
export function formatError(_formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  return answers.get(Object(error)) ?? answerFor(error as GraphQLError, undefined).error
}

/**
 * Refuses before execution what the caller may not ask or pay for, masks and logs what fails, and decides the HTTP status
 * (ERR-2, ERR-3).
 */
export function requestPlugin<Context extends CallerContext>(
  checks: RequestChecks<Context>,
): ApolloServerPlugin<Context> {
  const demandsFor = cachedDemands(checks)
  const listener: GraphQLRequestListener<Context> = {
    async didResolveOperation({ document, operation, request, contextValue }) {
      const { caller } = contextValue
      if (!operation) return
      caller.notes.operation = operation.name?.value.slice(0, 100) ?? operation.operation
      caller.notes.field = rootField(operation)
      checkVariables(request.variables ?? {})
      const demands = demandsFor(document, operation)
      assertAllowed(demands, caller)
      const cost = Math.ceil(costOf(demands.cost, request.variables ?? {}))
      caller.notes.cost = cost
      assertAffordable(cost, checks.limits)
      // One point was taken when the request came in.
      if (cost > 1) await caller.spend(cost - 1)
      if (demands.roles.length > 0 && !demands.isMutation) await checks.checkSession(contextValue)
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

function rootField({ operation, selectionSet: { selections } }: OperationDefinitionNode): string {
  const [first] = selections
  return `${operation} ${selections.length === 1 && first?.kind === Kind.FIELD ? first.name.value : 'several'}`
}

/** Walks each operation once per parsed document: Apollo keeps documents by their text. */
function cachedDemands({ executable: { schema, rules }, limits }: RequestChecks<never>) {
  const known = new WeakMap<DocumentNode, Map<OperationDefinitionNode, Demands>>()
  return (document: DocumentNode, operation: OperationDefinitionNode): Demands => {
    const operations = known.get(document) ?? new Map<OperationDefinitionNode, Demands>()
    const before = operations.get(operation)
    if (before) return before
    checkLiterals(document)
    const demands = demandsOf(schema, rules, document, operation, limits)
    known.set(document, operations.set(operation, demands))
    return demands
  }
}

/** Throws UNAUTHENTICATED without a viewer, FORBIDDEN with the role or the scopes that are missing. */
export function assertAllowed(demands: Demands, { viewer, refusal }: Pick<Caller, 'viewer' | 'refusal'>): void {
  if (demands.isPublic) return
  if (!viewer) throw refusal ?? unauthenticated()
  const role = demands.roles.find((needed) => needed !== viewer.role)
  if (role)
    throw forbidden(
      `This needs an account with the role ${role.toUpperCase()}. If it has that by now, refresh the session: a token keeps the role that it was given.`,
      {
        reason: 'MISSING_ROLE',
        role: role.toUpperCase(),
      },
    )
  const scopes = demands.scopes.filter((needed) => !viewer.scopes.includes(needed))
  if (scopes.length > 0) throw forbidden(`The token lacks ${scopes.join(', ')}.`, { reason: 'MISSING_SCOPE', scopes })
}

/** Throws QUERY_TOO_COSTLY for more points than one document may cost. */
export function assertAffordable(cost: number, limits: Limits): void {
  if (cost > limits.cost)
    throw queryTooCostly(
      `This document costs ${cost} points; at most ${limits.cost} are allowed. Ask for fewer or shorter lists.`,
      {
        limit: 'COST',
        allowed: limits.cost,
        asked: cost,
      },
    )
}

function answerErrors(errors: readonly GraphQLError[], caller: Caller, log: Log) {
  const logged = new Set<unknown>()
  for (const error of errors) {
    const answer = answerFor(error, caller.requestId)
    answers.set(error, answer.error)
    if (answer.masked === null || logged.has(answer.masked)) continue
    logged.add(answer.masked)
    log.error(
      { err: answer.masked, requestId: caller.requestId, operation: caller.notes.operation, path: error.path },
      'a request failed',
    )
  }
}

/**
 * 200 once execution began, else what the refusal says or 400 (ERR-2). An answer of which nothing could be had because the
 * service is unavailable is 503: whoever stands in front may send it elsewhere.
 */
function settleStatus<Context extends CallerContext>({
  response,
  contextValue: { caller },
}: GraphQLRequestContext<Context>) {
  if (response.body?.kind !== 'single') return
  const { errors = [], data } = response.body.singleResult
  const codes = errors.map((error) => String(error.extensions?.code))
  if (codes.length > 0) caller.notes.codes = [...new Set(codes)]
  const { http } = response
  const isUnavailable = codes.length > 0 && codes.every((code) => code === 'UNAVAILABLE')
  if (data !== undefined) http.status = isUnavailable && isNothing(data) ? 503 : 200
  else if (http.status === undefined || http.status === 500 || http.status === 200)
    http.status = codes.includes('INTERNAL') ? 500 : 400
  if (http.status !== 503 && http.status !== 429) http.headers.delete('retry-after')
  // What was recognized as an outage only when it was answered has brought no headers.
  else if (!http.headers.has('retry-after')) http.headers.set('retry-after', String(patienceOf(errors)))
}

/** Seconds. */
function patienceOf(errors: readonly GraphQLFormattedError[]): number {
  return Math.max(1, ...errors.map(({ extensions }) => Number(extensions?.retryAfter ?? 0)))
}

function isNothing(data: Readonly<Record<string, unknown>> | null): boolean {
  return data === null || Object.values(data).every((value) => value === null)
}
