import { GraphQLError } from 'graphql'

/** The closed list of codes in `extensions.code` (ERR-1); `ErrorCode` in the schema describes each. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'CONFLICT'
  | 'RATE_LIMITED'
  | 'QUERY_TOO_COSTLY'
  | 'UNAVAILABLE'
  | 'INTERNAL'

/** What helps the caller to act: `reason` is a value of the schema's `ErrorReason`, `field` a path in the input such as `input.date`. */
export interface ErrorDetails {
  reason?: string
  field?: string
  /** Seconds. */
  retryAfter?: number
  [detail: string]: unknown
}

/** What the caller can act on always says why. */
export type WithReason = ErrorDetails & { readonly reason: string }

function coded(code: ErrorCode, message: string, details: ErrorDetails = {}, httpStatus?: number) {
  const headers = details.retryAfter === undefined ? undefined : new Map([['retry-after', String(details.retryAfter)]])
  const http = httpStatus === undefined ? {} : { http: { status: httpStatus, ...(headers && { headers }) } }
  return withoutStack(() => new GraphQLError(message, { extensions: { code, ...details, ...http } }))
}

/** A refusal is told to whoever asked and logged by nobody: its stack would take longer to collect than what was asked for. */
export function withoutStack<Made>(make: () => Made): Made {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** No session, or one that has ended: log in, or refresh the access token. */
export function unauthenticated(
  message = 'Log in to do this, and send the access token: `Authorization: Bearer ...`.',
  details: WithReason = { reason: 'LOGIN_NEEDED' },
) {
  return coded('UNAUTHENTICATED', message, details)
}

/**
 * UNAUTHENTICATED, reason ACCOUNT_INACTIVE, for a suspended account or one that was erased; `contact` is the mail address of
 * whoever runs the service, null where no mails leave it.
 */
export function accountInactive(status: string | undefined, contact: string | null) {
  const ask = contact === null ? 'Ask whoever runs this service' : `Write to ${contact} to ask`
  const message =
    status === 'suspended'
      ? `This account was suspended by an administrator. ${ask} why, and to have it reinstated.`
      : 'This account was closed, and erased 30 days later: it can not be opened again, but another one can, by `register`.'
  return unauthenticated(message, { reason: 'ACCOUNT_INACTIVE' })
}

/** The viewer is known and may not do this. */
export function forbidden(message: string, details?: ErrorDetails) {
  return coded('FORBIDDEN', message, details)
}

/** It does not exist, or not for this viewer: the two read the same (SHA-8). */
export function notFound(message = 'There is no such thing that you may see or change.', details?: ErrorDetails) {
  return coded('NOT_FOUND', message, details)
}

/** The input can never work as it is. */
export function badUserInput(message: string, details: WithReason) {
  return coded('BAD_USER_INPUT', message, details)
}

/** The input is well formed but does not fit what is stored now. */
export function conflict(message: string, details: WithReason) {
  return coded('CONFLICT', message, details)
}

/** Too much of this in too short a time; `retryAfter` in seconds. */
export function rateLimited(message: string, retryAfter: number, details?: ErrorDetails) {
  return coded('RATE_LIMITED', message, { ...details, retryAfter })
}

/** The whole request is refused with HTTP 429 before any work. */
export function requestRateLimited(message: string, retryAfter: number) {
  return coded('RATE_LIMITED', message, { retryAfter }, 429)
}

/** The request asks for more than one may; `httpStatus` is 413 for its body. Nothing was executed. */
export function queryTooCostly(message: string, details?: ErrorDetails, httpStatus: 400 | 413 = 400) {
  return coded('QUERY_TOO_COSTLY', message, details, httpStatus)
}

/** The service can't do this right now; HTTP 503 and `Retry-After` (seconds). Safe to send again. */
export function unavailable(
  message = 'The database cannot be reached right now. Try again shortly.',
  details: ErrorDetails = {},
) {
  return coded('UNAVAILABLE', message, { retryAfter: 1, ...details }, 503)
}

/** A defect of ours: all that the caller learns of it is the id under which the log has the rest (ERR-3). HTTP 500. */
export function internal(requestId: string | undefined) {
  const message = 'Something went wrong on our side. It has been logged.'
  return coded('INTERNAL', message, requestId === undefined ? {} : { requestId }, 500)
}
