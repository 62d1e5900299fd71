import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { UserId } from '../../platform/database/types.ts'
import type { Reader } from './mails.ts'
import { accountById } from './queries/accounts.ts'
import { sendUnawaited } from './registration.ts'
import type { Mail } from './services/mail.ts'
import type { IdentityServices } from './services.ts'

/**
 * SES-4 Mails something to a person whose address whoever causes it may not know; nothing to an address that was not confirmed, or an
 * account that is not active. More than five mails an hour to one address are not sent.
 */
export async function mailPerson(
  auth: AuthDatabase,
  { mailer }: Pick<IdentityServices, 'mailer'>,
  userId: UserId,
  mailTo: (reader: Reader) => Mail,
): Promise<void> {
  const account = await accountById(auth, userId)
  if (account?.status === 'active' && account.emailVerified) sendUnawaited(mailer, mailTo(account))
}
