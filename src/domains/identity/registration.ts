import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'
import { knownAddressMail, resetMail, verificationMail } from './mails.ts'
import {
  accountByEmail,
  accountById,
  forgetFailures,
  insertAccount,
  insertOneTimeToken,
  isUsernameTaken,
  type NewAccount,
  setEmail,
  setEmailVerified,
  setPassword,
  type TokenPurpose,
  takeOneTimeToken,
} from './queries/accounts.ts'
import { passwordProblem, tokenHours } from './rules.ts'
import { type Mailer, mailsPerHour } from './services/mail.ts'
import { isCommonPassword } from './services/passwords.ts'
import type { IdentityServices } from './services.ts'

/** SES-1 The password, or BAD_USER_INPUT, reason WEAK_PASSWORD. */
export async function checkedPassword(password: string, personal: readonly string[], field: string): Promise<string> {
  const problem = passwordProblem(password, await isCommonPassword(password), personal)
  if (problem) throw badUserInput(`The password can't be taken. ${problem}`, { reason: 'WEAK_PASSWORD', field })
  return password
}

/** SES-4 Opens an account and mails the link that confirms its address. A known address gets another mail, and nobody is told. */
export async function register(
  auth: AuthDatabase,
  { passwords, mailer }: IdentityServices,
  { password, ...account }: Omit<NewAccount, 'passwordHash'> & { password: string },
  publicUrl: string,
): Promise<void> {
  const passwordHash = await passwords.hash(password)
  await evenly(async () => {
    const token = await auth.inTransaction(async (tx) => {
      if (account.username && (await isUsernameTaken(tx, account.username))) throw usernameTaken('input.username')
      const opened = await insertAccount(tx, { ...account, passwordHash })
      return opened && newToken(tx, opened.userId, 'verify_email')
    })
    const mail = token ? verificationMail(account, publicUrl, token) : knownAddressMail(account, publicUrl)
    sendUnawaited(mailer, mail)
  })
}

/** CONFLICT, reason DUPLICATE_USERNAME. */
export function usernameTaken(field: string) {
  return conflict('This username is taken: choose another.', { reason: 'DUPLICATE_USERNAME', field })
}

/** SES-4 Mails a new link to an address that waits to be confirmed; any other address gets nothing. */
export async function resendVerification(
  auth: AuthDatabase,
  { mailer }: IdentityServices,
  email: string,
  publicUrl: string,
) {
  await evenly(async () => {
    const account = await accountByEmail(auth, email)
    if (account?.status !== 'active' || account.emailVerified) return
    const token = await auth.inTransaction((tx) => newToken(tx, account.userId, 'verify_email'))
    if (token) sendUnawaited(mailer, verificationMail(account, publicUrl, token))
  })
}

/** SES-4 Mails a link that sets a new password; an address that nobody has gets nothing. */
export async function requestPasswordReset(
  auth: AuthDatabase,
  { mailer }: IdentityServices,
  email: string,
  publicUrl: string,
) {
  await evenly(async () => {
    const account = await accountByEmail(auth, email)
    if (account?.status !== 'active') return
    const token = await auth.inTransaction((tx) => newToken(tx, account.userId, 'reset_password'))
    if (token) sendUnawaited(mailer, resetMail(account, publicUrl, token))
  })
}

/** How long a mail takes would tell whether the address is known; the mailer logs what fails. */
export function sendUnawaited(mailer: Mailer, mail: Parameters<Mailer['send']>[0]): void {
  void mailer.send(mail)
}

/**
 * SES-4 Confirms the address that the token was sent to: the account's own, or one that it changes to. BAD_USER_INPUT, reason
 * INVALID_TOKEN; CONFLICT, reason DUPLICATE_EMAIL, when another account got the new address meanwhile.
 */
export async function verifyEmail(auth: AuthDatabase, token: string): Promise<void> {
  await auth.inTransaction(async (tx) => {
    const { userId, email } = await takenToken(tx, ['verify_email', 'change_email'], token)
    if (email === null) return setEmailVerified(tx, userId)
    if (!(await setEmail(tx, userId, email))) throw tokenRefused()
  })
}

/** SES-4 Sets a new password by the token of a mail, which also proves the address, and ends all sessions. */
export async function resetPassword(
  auth: AuthDatabase,
  { passwords }: IdentityServices,
  { token, newPassword }: { token: string; newPassword: string },
): Promise<void> {
  // What is known of the person is compared below, once the token has told who it is.
  await checkedPassword(newPassword, [], 'input.newPassword')
  const hash = await passwords.hash(newPassword)
  await auth.inTransaction(async (tx) => {
    const { userId } = await takenToken(tx, ['reset_password'], token)
    const account = await accountById(tx, userId)
    if (account?.status !== 'active') throw tokenRefused()
    await checkedPassword(newPassword, [account.email, account.fullName], 'input.newPassword')
    if (!(await setPassword(tx, account, hash))) throw tokenRefused()
    await setEmailVerified(tx, userId)
    // Whoever reads the mail is no guesser.
    await forgetFailures(tx, account.email.toLowerCase())
  })
}

/** `email`: the address to change to. Null when the account got as many within the hour as there may be mails. */
export async function newToken(
  tx: Database,
  userId: UserId,
  purpose: TokenPurpose,
  email: string | null = null,
): Promise<string | null> {
  // 192 bits; as short as this, its link stands in one line of a mail.
  const token = randomBytes(24).toString('base64url')
  const stored = { userId, purpose, email, hash: hashOf(token), hours: tokenHours[purpose], mostAnHour: mailsPerHour }
  return (await insertOneTimeToken(tx, stored)) ? token : null
}

async function takenToken(tx: Database, purposes: readonly TokenPurpose[], token: string) {
  const taken = await takeOneTimeToken(tx, purposes, hashOf(token))
  if (taken) return taken
  throw tokenRefused()
}

/** BAD_USER_INPUT, reason INVALID_TOKEN. */
export function tokenRefused() {
  return badUserInput('This link was used already, or is too old: ask for a new one.', {
    reason: 'INVALID_TOKEN',
    field: 'input.token',
  })
}

/** SES-4 How soon an answer comes would tell whether the address is known, so each takes at least as long as either way needs. */
const evenMs = 250

export async function evenly(work: () => Promise<void>): Promise<void> {
  await Promise.all([work(), wait(evenMs)])
}

const hashOf = (token: string) => createHash('sha256').update(token).digest()
