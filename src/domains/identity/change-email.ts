import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { UserId } from '../../platform/database/types.ts'
import { badUserInput, conflict, rateLimited } from '../../platform/graphql/errors.ts'
import { activeAccount, provePassword, wrongPassword } from './current-password.ts'
import { changeEmailMail, emailChangeNotice, unusableAddressMail } from './mails.ts'
import { accountByEmail, holdAccount } from './queries/accounts.ts'
import type { Client } from './queries/sessions.ts'
import { evenly, newToken, sendUnawaited } from './registration.ts'
import type { IdentityServices } from './services.ts'

/**
 * SES-4 Mails a link to the new address, by which alone the account gets it, and a notice to the old one. Whether the new one is
 * somebody else's already is not told: it then gets a mail without a link. Throws UNAUTHENTICATED, reason WRONG_CREDENTIALS, counted
 * like a failure to log in; RATE_LIMITED after that, or after five links within the hour.
 */
export async function changeEmail(
  auth: AuthDatabase,
  identity: IdentityServices,
  userId: UserId,
  { newEmail, currentPassword }: { newEmail: string; currentPassword: string },
  { client, publicUrl }: { client: Client; publicUrl: string },
): Promise<void> {
  const account = await activeAccount(auth, identity, userId)
  if (newEmail === account.email) {
    throw badUserInput('This is the address that the account has.', {
      reason: 'CONTRADICTORY',
      field: 'input.newEmail',
    })
  }
  await provePassword(auth, identity, account, currentPassword, client)
  await evenly(async () => {
    const holder = await accountByEmail(auth, newEmail)
    const token = await auth.inTransaction(
      async (tx) => {
        if (!(await holdAccount(tx, account))) throw wrongPassword()
        // Also where it is not sent: whether an address is taken shows neither in the audit log nor in how many links are left.
        return newToken(tx, userId, 'change_email', newEmail)
      },
      { actorId: userId },
    )
    if (!token) throw rateLimited('Too many links were asked for within the hour.', secondsOfHour)
    const isTaken = holder !== undefined && holder.userId !== userId
    const reader = { email: newEmail, locale: isTaken ? holder.locale : account.locale }
    const mail = isTaken ? unusableAddressMail(reader, publicUrl) : changeEmailMail(reader, publicUrl, token)
    sendUnawaited(identity.mailer, mail)
    if (account.emailVerified) sendUnawaited(identity.mailer, emailChangeNotice(account, publicUrl))
  })
}

const secondsOfHour = 3600

/** CONFLICT, reason DUPLICATE_EMAIL: to be told only to somebody who reads the address's mails. */
export function emailTaken() {
  return conflict('Another account has this address by now.', { reason: 'DUPLICATE_EMAIL', field: 'input.token' })
}
