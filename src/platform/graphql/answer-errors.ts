import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql'
import { badUserInput, internal, queryTooCostly } from './errors.ts'
import { outageOf } from './outages.ts'

const ourCodes = new Set<unknown>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'RATE_LIMITED',
  'QUERY_TOO_COSTLY',
  'UNAVAILABLE',
  'INTERNAL',
])

/** Reasons for what Apollo refuses before execution, by its own code. */
const reasons: Record<string, string> = {
  GRAPHQL_PARSE_FAILED: 'SYNTAX',
  GRAPHQL_VALIDATION_FAILED: 'INVALID_DOCUMENT',
  OPERATION_RESOLUTION_FAILURE: 'INVALID_DOCUMENT',
  PERSISTED_QUERY_NOT_SUPPORTED: 'INVALID_DOCUMENT',
  BAD_USER_INPUT: 'INVALID_VARIABLE',
  BAD_REQUEST: 'INVALID_REQUEST',
}

/** An error as the caller may read it (ERR-1 to ERR-3). */
export interface Answer {
  readonly error: GraphQLFormattedError
  /** What was masked, or is for whoever runs the service: to be logged, and nothing of it shown. */
  readonly masked: unknown
}

/**
 * What is answered for an error that GraphQL's machinery hands over: our coded errors as they are, refusals before
 * execution as BAD_USER_INPUT with a reason, outages as UNAVAILABLE, and all else as INTERNAL with the request's id alone.
 */
export function answerFor(error: GraphQLError, requestId: string | undefined): Answer {
  const place = { ...(error.locations && { locations: error.locations }), ...(error.path && { path: error.path }) }
  const known = knownError(error)
  if (known) {
    const { message, extensions } = shown(known)
    return { error: { message, ...place, extensions }, masked: null }
  }
  const { message, extensions } = shown(outageOf(error) ?? internal(requestId))
  return { error: { message, ...place, extensions }, masked: error.originalError ?? error }
}

function shown({ message, extensions: { http: _, ...extensions } }: Pick<GraphQLError, 'message' | 'extensions'>) {
  return { message, extensions }
}

function knownError(error: GraphQLError): Pick<GraphQLError, 'message' | 'extensions'> | null {
  const { code } = error.extensions
  if (code === 'GRAPHQL_PARSE_FAILED') return parseFailure(error)
  const ours = codedByUs(error)
  if (ours) return isInput(error) ? refusedInput(error, ours) : ours
  if (error.name === 'UserInputError' || (code === undefined && variableOf(error) !== undefined))
    return refusedInput(error, null)
  const reason = typeof code === 'string' && Object.hasOwn(reasons, code) ? reasons[code] : undefined
  if (reason !== undefined) return refused(error.message, reason)
  return isArgumentError(error) ? refused(error.message, 'INVALID_VARIABLE') : null
}

/** The error of ours that was thrown: itself, or what Apollo and graphql-js wrapped. `extensions` of a driver's error are not ours. */
function codedByUs(error: GraphQLError): GraphQLError | null {
  for (let thrown: unknown = error; thrown instanceof GraphQLError; thrown = thrown.originalError)
    if (ourCodes.has(thrown.extensions.code) && !thrown.originalError) return thrown
  return null
}

/** graphql-js's own words for values of arguments that don't fit, which only variables can bring about. */
function isArgumentError(error: GraphQLError): boolean {
  if (error.originalError) return error.originalError instanceof GraphQLError && error.message.startsWith('Argument "')
  return error.path === undefined && error.message.startsWith('Too many errors processing variables')
}

function refused(message: string, reason: string) {
  return badUserInput(message, { reason })
}

function parseFailure(error: GraphQLError) {
  const tooMany = /contains more tha[nt] (\d+) tokens/.exec(error.message)
  if (!tooMany) return refused(error.message, 'SYNTAX')
  const allowed = Number(tooMany[1])
  return queryTooCostly(`This document has more than ${allowed} tokens, which is what is allowed.`, {
    limit: 'TOKENS',
    allowed,
    asked: allowed + 1,
  })
}

function isInput(error: GraphQLError): boolean {
  return error.extensions.code === 'GRAPHQL_VALIDATION_FAILED' || variableOf(error) !== undefined
}

/** The refusal of a variable or a literal, with the place in the input; the value itself is not sent back. */
function refusedInput(error: GraphQLError, ours: GraphQLError | null) {
  const variable = variableOf(error)
  if (variable === undefined)
    return badUserInput(ours?.message ?? error.message, { reason: 'INVALID_DOCUMENT', ...ours?.extensions })
  const cause = ours ?? error.originalError
  const field = (cause && variableField(error.message, cause.message)) ?? variable
  const message = cause && cause.message !== error.message ? `\`${field}\`: ${cause.message}` : error.message
  return badUserInput(message, { reason: 'INVALID_VARIABLE', ...ours?.extensions, field })
}

function variableOf(error: GraphQLError): string | undefined {
  const node = error.nodes?.[0]
  return node?.kind === Kind.VARIABLE_DEFINITION ? node.variable.name.value : undefined
}

/** `input.count` from `Variable "$input" got invalid value 1.2345 at "input.count"; An amount has ...`. */
function variableField(message: string, cause: string): string | undefined {
  const before = message.endsWith(`; ${cause}`) ? message.slice(0, -cause.length - 2) : ''
  return / at "([^"\\]*)"$/.exec(before)?.[1]
}
