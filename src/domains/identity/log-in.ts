import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import { accountInactive, rateLimited, unauthenticated } from '../../platform/graphql/errors.ts'
import { guessingAddress } from './client.ts'
import { accountByEmail, forgetAttempt, forgetFailures, noteAttempt } from './queries/accounts.ts'
import type { Client } from './queries/sessions.ts'
import { mostFailures } from './rules.ts'
import type { IdentityServices } from './services.ts'
import { openSession, type SessionTokens } from './sessions.ts'

/**
 * SES-1 Begins a session by e-mail and password. Throws UNAUTHENTICATED, reason WRONG_CREDENTIALS, after the same work whether the
 * address is known or not; RATE_LIMITED after too many failures.
 */
export async function logIn(
  auth: AuthDatabase,
  identity: IdentityServices,
  { email, password }: { email: string; password: string },
  client: Client,
): Promise<SessionTokens> {
  return guarded(auth, identity, { email, ip: client.ip }, async () => {
    const account = await accountByEmail(auth, email)
    const matches = await identity.passwords.verify(password, account?.passwordHash ?? null)
    if (!account || !matches) {
      throw unauthenticated('E-mail or password is wrong.', { reason: 'WRONG_CREDENTIALS' })
    }
    if (account.status !== 'active') throw accountInactive(account.status, identity.contact)
    return auth.inTransaction((tx) => openSession(tx, identity, account, client), { actorId: account.userId })
  })
}

/**
 * SES-1 Counts a failure of `work` against account and address, and refuses it beforehand when there were too many. Attempts at once
 * take turns: what is not judged yet counts as a failure only where another process judges it.
 */
export function guarded<Result>(
  auth: AuthDatabase,
  { inTurn }: Pick<IdentityServices, 'inTurn'>,
  from: { email: string; ip: string | null },
  work: () => Promise<Result>,
): Promise<Result> {
  const account = from.email.toLowerCase()
  const ip = guessingAddress(from.ip)
  return inTurn(`${account} ${ip}`, () => attempted(auth, account, ip, work))
}

async function attempted<Result>(
  auth: AuthDatabase,
  account: string,
  ip: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = await auth.inTransaction((tx) => noteAttempt(tx, account, ip))
  const tooManyOfAccount = before.ofAccount >= mostFailures.ofAccount
  if (tooManyOfAccount || before.ofAddress >= mostFailures.ofAddress) {
    await forgetAttempt(auth, before.id)
    const wait = tooManyOfAccount ? before.accountWait : before.addressWait
    throw rateLimited('Too many failures to log in. Wait, or set a new password.', Math.max(1, wait))
  }
  try {
    const result = await work()
    await forgetFailures(auth, account, ip)
    return result
  } catch (error) {
    if (!isWrongCredentials(error)) await forgetAttempt(auth, before.id)
    throw error
  }
}

function isWrongCredentials(error: unknown): boolean {
  const { extensions } = error as { extensions?: { reason?: unknown } }
  return extensions?.reason === 'WRONG_CREDENTIALS'
}
