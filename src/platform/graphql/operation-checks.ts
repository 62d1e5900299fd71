import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql'
import type { Log } from '../log.ts'
import type { Caller } from './caller.ts'
import { costOf } from './cost.ts'
import { type Demands, demandsOf } from './document-demands.ts'
import { forbidden, queryTooCostly, unauthenticated } from './errors.ts'
import type { Limits } from './limits.ts'
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

/** An operation of a validated document, with variables as they were sent. */
export interface CheckedOperation<Context> {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly variables: Readonly<Record<string, unknown>>
  readonly context: Context
}

/** Refuses, before anything is executed, what the caller may not ask or pay for; takes the points and notes the operation for the log. */
export function operationChecks<Context extends CallerContext>(checks: RequestChecks<Context>) {
  const demandsFor = cachedDemands(checks)
  return async ({ document, operation, variables, context }: CheckedOperation<Context>): Promise<void> => {
    const { caller } = context
    caller.notes.operation = operation.name?.value.slice(0, 100) ?? operation.operation
    caller.notes.field = rootField(operation)
    checkVariables(variables)
    const demands = demandsFor(document, operation)
    assertAllowed(demands, caller)
    const cost = Math.ceil(costOf(demands.cost, variables))
    caller.notes.cost = cost
    assertAffordable(cost, checks.limits)
    // One point was taken when the request came in.
    if (cost > 1) await caller.spend(cost - 1)
    if (demands.roles.length > 0 && !demands.isMutation) await checks.checkSession(context)
  }
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
