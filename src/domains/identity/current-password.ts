import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { UserId } from '../../platform/database/types.ts'
import { accountInactive, unauthenticated } from '../../platform/graphql/errors.ts'
import { guarded } from './log-in.ts'
import { accountById, type KnownAccount } from './queries/accounts.ts'
import type { Client } from './queries/sessions.ts'
import type { IdentityServices } from './services.ts'

/** An account that may be changed. Throws UNAUTHENTICATED, reason ACCOUNT_INACTIVE. */
export async function activeAccount(
  auth: AuthDatabase,
  { contact }: Pick<IdentityServices, 'contact'>,
  userId: UserId,
): Promise<NonNullable<KnownAccount>> {
  const account = await accountById(auth, userId)
  if (account?.status === 'active') return account
  throw accountInactive(account?.status, contact)
}

/**
 * SES-1 Whoever is logged in shows that they are the person: a screen may have been left open. Throws UNAUTHENTICATED, reason
 * WRONG_CREDENTIALS, counted like a failure to log in; RATE_LIMITED after too many.
 */
export async function provePassword(
  auth: AuthDatabase,
  identity: IdentityServices,
  account: NonNullable<KnownAccount>,
  currentPassword: string,
  client: Client,
): Promise<void> {
  await guarded(auth, identity, { email: account.email, ip: client.ip }, async () => {
    if (await identity.passwords.verify(currentPassword, account.passwordHash)) return
    throw wrongPassword()
  })
}

/** UNAUTHENTICATED, reason WRONG_CREDENTIALS. */
export function wrongPassword() {
  return unauthenticated('The current password is wrong.', {
    reason: 'WRONG_CREDENTIALS',
    field: 'input.currentPassword',
  })
}
