import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { accountInactive, unauthenticated } from '../../platform/graphql/errors.ts'
import { accountById, type KnownAccount } from './queries/accounts.ts'
import { type Client, insertSession, revokeStolenSession, rotateSession, sessionState } from './queries/sessions.ts'
import { allScopes, judgeRefresh, type RefreshClaim } from './rules.ts'
import type { AccessToken } from './services/access-tokens.ts'
import type { IdentityServices } from './services.ts'

/** What proves a session: for its client alone. */
export interface SessionTokens {
  userId: UserId
  access: AccessToken
  refresh: string
}

/** The refresh token of a session lives as long as the session may: 90 days, in seconds. */
export const refreshLifetimeSeconds = 90 * 24 * 3600

/**
 * Begins a session for somebody who has proved who they are, in a transaction of `auth`. Throws UNAUTHENTICATED, reason
 * WRONG_CREDENTIALS, when the account that was read is no longer so.
 */
export async function openSession(
  db: Database,
  identity: IdentityServices,
  account: NonNullable<KnownAccount>,
  client: Client,
): Promise<SessionTokens> {
  const claim = await insertSession(db, account, client)
  if (!claim) throw unauthenticated('E-mail or password is wrong.', { reason: 'WRONG_CREDENTIALS' })
  return tokensOf(identity, account, claim)
}

async function tokensOf(
  { accessTokens, refreshTokens }: IdentityServices,
  { userId, role }: Pick<NonNullable<KnownAccount>, 'userId' | 'role'>,
  claim: RefreshClaim,
): Promise<SessionTokens> {
  const access = await accessTokens.sign({ userId, sessionId: claim.sessionId, role, scopes: allScopes })
  return { userId, access, refresh: refreshTokens.sign(claim) }
}

/**
 * SES-3 The next tokens of a session. Sent once more within 30 seconds, a token gives the same successor; an older genuine one ends
 * the session. Throws UNAUTHENTICATED, reason INVALID_TOKEN, SESSION_ENDED or ACCOUNT_INACTIVE.
 */
export async function refreshSession(
  auth: AuthDatabase,
  identity: IdentityServices,
  token: string,
  client: Client,
): Promise<SessionTokens> {
  const claim = identity.refreshTokens.read(token)
  if (!claim) throw unauthenticated('This refresh token does not hold: log in.', { reason: 'INVALID_TOKEN' })
  // A refusal is answered after the commit: what it ends must stay ended.
  const renewed = await auth.inTransaction(async (tx) => {
    const current = (await rotateSession(tx, claim, client)) ?? (await repeated(tx, claim))
    return current && { generation: current.generation, account: await accountById(tx, current.userId) }
  })
  if (!renewed) throw unauthenticated('This session has ended: log in.', { reason: 'SESSION_ENDED' })
  const { account, generation } = renewed
  if (account?.status !== 'active') throw accountInactive(account?.status, identity.contact)
  return tokensOf(identity, account, { sessionId: claim.sessionId, generation })
}

async function repeated(tx: Database, claim: RefreshClaim) {
  const session = await sessionState(tx, claim.sessionId)
  const outcome = judgeRefresh(claim.generation, session)
  if (outcome === 'STOLEN' && session) await revokeStolenSession(tx, session.userId, claim)
  return outcome === 'REPEAT' ? session : undefined
}
