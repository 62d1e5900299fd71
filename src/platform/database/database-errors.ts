import type { GraphQLError } from 'graphql'
import pg from 'pg'
import { badUserInput, conflict, notFound, unavailable } from '../graphql/errors.ts'

/** What a broken constraint means to the caller, by the constraint's name: each domain brings its own. */
export type ConstraintErrors = Readonly<Record<string, (error: pg.DatabaseError) => GraphQLError>>

/** The server ended the session: shut down, crashed, starting up, idle too long, too many of us. */
const sessionEnded = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '25P04', '53300'])
/** Class 08 is about connections, but this one is a malformed message: the statement's own fault. */
const protocolViolation = '08P01'

const retriable = new Set(['40001', '40P01'])
const cancelled = '57014'
const notAllowed = '42501'

/** The SQLSTATE, or undefined when the error did not come from the server. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/**
 * Whether an error of the server says that the session is over. A loss that the server could not announce ("Connection
 * terminated unexpectedly", ECONNRESET) has no SQLSTATE: it is known by its client, which has reported an error.
 */
export function endsSession(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && (sessionEnded.has(state) || (state.startsWith('08') && state !== protocolViolation))
}

/** A serialization failure, a deadlock or a stale plan: the same may well succeed when it is run again. */
export function isRetriable(error: unknown): boolean {
  return retriable.has(sqlState(error) ?? '') || isStalePlan(error)
}

/** A migration changed what a prepared statement returns: its connection can never run it again under that name. */
export function isStalePlan(error: unknown): boolean {
  return sqlState(error) === '0A000' && error instanceof Error && /cached plan/.test(error.message)
}

/**
 * What the caller is told of an error of the database (ERR-1). What has no meaning to a caller passes through as it is,
 * to be masked and logged where answers are written (ERR-3).
 */
export function toCallerError(error: unknown, constraintErrors: ConstraintErrors = {}): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  if (endsSession(error)) return unavailable()
  if (error.code === cancelled) {
    return unavailable('This took too long and was stopped. Ask for less, or try again.', {
      reason: 'STATEMENT_TIMEOUT',
    })
  }
  if (error.code === notAllowed) return notFound()
  if (isRetriable(error)) return unavailable('Others were changing the same. Try again.')
  const meaning = error.constraint === undefined ? undefined : constraintErrors[error.constraint]
  return meaning ? meaning(error) : (refusal(error) ?? error)
}

/** A rule that the database holds itself has refused: see `refuse()` in the first migration. */
function refusal({ code, constraint = '', message }: pg.DatabaseError): GraphQLError | undefined {
  const details = { reason: constraint.toUpperCase() }
  if (code === 'KT400') return badUserInput(message, details)
  if (code === 'KT404') return notFound(message, details)
  if (code === 'KT409') return conflict(message, details)
  return undefined
}
