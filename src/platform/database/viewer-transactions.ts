import { accountInactive, unauthenticated } from '../graphql/errors.ts'
import type { Statement } from './flight.ts'
import { beginWriting } from './sql-settings.ts'
import type { Opening, TransactionSources, Work } from './transactions.ts'
import { runTransaction } from './transactions.ts'
import type { RequestInfo, UserId, ViewerIdentity } from './types.ts'

export interface TransactionOptions {
  /** Whose rows are touched, besides the viewer's own. */
  readonly owners?: readonly UserId[]
  /** Where an entry comes from, for its history (`app.origin`). */
  readonly origin?: string
}

/**
 * Runs the work in a read-committed transaction as the viewer, up to three times more if it falls to a deadlock, so
 * the work must not change anything outside the database: that is what `tx.afterCommit` is for.
 *
 * Its first statement checks that the session goes on, that the account is active and that its role is still the one of
 * the access token (SES-2); else, and for nobody, it rejects with UNAUTHENTICATED. Errors of the database reject as
 * NOT_FOUND (a policy refused), UNAVAILABLE, or what the constraint's entry in `constraintErrors` says.
 */
export type RunTransaction = <Result>(work: Work<Result>, options?: TransactionOptions) => Promise<Result>

export function viewerTransactions(
  sources: TransactionSources,
  viewer: ViewerIdentity | null,
  request: RequestInfo = {},
): RunTransaction {
  return async (work, options = {}) => {
    if (!viewer) throw unauthenticated()
    if (viewer.previewedBy !== undefined) throw new Error('A preview only reads.')
    return runTransaction(
      { ...sources, viewerId: viewer.userId },
      request,
      openAs(viewer, request, options, sources),
      work,
    )
  }
}

interface Entered {
  readonly role: string
  readonly status: string
  readonly session_is_live: boolean | null
}

/** One round trip: begins, sets what policies and triggers read, and checks. */
function openAs(
  viewer: ViewerIdentity,
  request: RequestInfo,
  { owners = [], origin }: TransactionOptions,
  { statementNames, contact = null }: TransactionSources,
): Opening {
  // Where nobody else is declared, policies look for no shares.
  const others = owners.filter((owner) => owner !== viewer.userId)
  const { begin, enter } = beginWriting({ viewer, request, owners: others, origin })
  const named = (statement: Statement) => ({ ...statement, name: statementNames(statement.text) })
  return async (pooled) => {
    const [, { rows }] = await Promise.all([pooled.send(named(begin)), pooled.send(named(enter))])
    checkEntered(rows[0] as Entered | undefined, viewer, contact)
  }
}

/** SES-2: a token says what was so when it was made; the row is the truth. */
function checkEntered(entered: Entered | undefined, viewer: ViewerIdentity, contact: string | null): void {
  if (entered?.status !== 'active') throw accountInactive(entered?.status, contact)
  if (!entered.session_is_live)
    throw unauthenticated('This session has ended. Log in again.', { reason: 'SESSION_ENDED' })
  if (entered.role !== viewer.role) {
    throw unauthenticated('Your role has changed. Refresh the access token.', { reason: 'TOKEN_EXPIRED' })
  }
}
