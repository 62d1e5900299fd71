import type { Context } from '../../context.ts'
import type { UserId } from '../../platform/database/types.ts'
import type { Reader } from '../identity/mails.ts'
import { accountById } from '../identity/queries/accounts.ts'
import { sendUnawaited } from '../identity/registration.ts'
import type { Mail } from '../identity/services/mail.ts'

/** SES-4 Mails an active person at their confirmed address, whom the viewer may not even know; nobody else gets mail. */
export async function mailTo(
  { auth, services }: Context,
  userId: UserId,
  write: (reader: Reader, publicUrl: string) => Mail,
): Promise<void> {
  const account = await accountById(auth, userId)
  if (account?.status !== 'active' || !account.emailVerified) return
  sendUnawaited(services.identity.mailer, write(account, services.publicUrl))
}
