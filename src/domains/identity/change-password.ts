import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { UserId } from '../../platform/database/types.ts'
import { activeAccount, provePassword, wrongPassword } from './current-password.ts'
import { setPassword } from './queries/accounts.ts'
import type { Client } from './queries/sessions.ts'
import { checkedPassword } from './registration.ts'
import type { IdentityServices } from './services.ts'
import { openSession, type SessionTokens } from './sessions.ts'

/**
 * SES-4 Sets a new password by the old one, which ends all sessions, and begins a new one. Throws UNAUTHENTICATED, reason
 * WRONG_CREDENTIALS, counted like a failure to log in; BAD_USER_INPUT, reason WEAK_PASSWORD.
 */
export async function changePassword(
  auth: AuthDatabase,
  identity: IdentityServices,
  userId: UserId,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
  client: Client,
): Promise<SessionTokens> {
  const account = await activeAccount(auth, identity, userId)
  await checkedPassword(newPassword, [account.email, account.fullName], 'input.newPassword')
  await provePassword(auth, identity, account, currentPassword, client)
  const hash = await identity.passwords.hash(newPassword)
  return auth.inTransaction(
    async (tx) => {
      if (!(await setPassword(tx, account, hash))) throw wrongPassword()
      return openSession(tx, identity, { ...account, passwordHash: hash }, client)
    },
    { actorId: userId },
  )
}
