import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { UserId } from '../../platform/database/types.ts'
import type { Services } from '../../services.ts'
import { activeAccount, provePassword, wrongPassword } from './current-password.ts'
import { closingMail } from './mails.ts'
import { holdAccount } from './queries/accounts.ts'
import { setClosing, unsetClosing } from './queries/closing.ts'
import type { Client } from './queries/sessions.ts'
import { closingDays } from './rules.ts'

/**
 * Marks an account as one that closes in 30 days; asked for again, the day stays. Throws UNAUTHENTICATED, reason WRONG_CREDENTIALS, counted
 * like a failure to log in; RATE_LIMITED after too many.
 */
export async function closeAccount(
  auth: AuthDatabase,
  { identity, publicUrl, backupDays }: Services,
  userId: UserId,
  currentPassword: string,
  client: Client,
): Promise<void> {
  const account = await activeAccount(auth, identity, userId)
  await provePassword(auth, identity, account, currentPassword, client)
  await auth.inTransaction(
    async (tx) => {
      if (!(await holdAccount(tx, account))) throw wrongPassword()
      const set = await setClosing(tx, userId, closingDays)
      // SES-4 An address that nobody confirmed may be somebody else's.
      if (set?.emailVerified)
        tx.afterCommit(() => identity.mailer.send(closingMail(set, publicUrl, set.closesAt, backupDays)))
    },
    { actorId: userId },
  )
}

/** The account stays; one that does not close is left as it is. */
export async function cancelClosure(auth: AuthDatabase, userId: UserId): Promise<void> {
  await auth.inTransaction((tx) => unsetClosing(tx, userId), { actorId: userId })
}
