import fs from 'node:fs'
import path from 'node:path'
import type { Executed, TestService } from '../../support/service.ts'

export const password = 'seven brown camels drink'

/** Code and reason of the first error, or `ok`. */
export function outcome({ errors }: Executed): string {
  const [error] = errors ?? []
  return error ? [error.extensions.code, error.extensions.reason].filter(Boolean).join(' ') : 'ok'
}

export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

/** What people do to get in and out, through GraphQL. `ip` where it matters: the service must trust a proxy for that. */
export function peopleOf({ execute, home }: TestService) {
  const from = (ip?: string) => (ip === undefined ? {} : { headers: { 'x-forwarded-for': ip } })
  const send = (mutation: string, type: string, fields: string, input: object, ip?: string) =>
    execute(`mutation ($input: ${type}!) { answer: ${mutation}(input: $input) { ${fields} } }`, { input }, from(ip))
  const tokens = 'accessToken accessTokenExpiresAt refreshToken'
  return {
    register: (input: object) =>
      send('register', 'RegisterInput', 'emailSent', { password, fullName: 'Leila', ...input }),
    resend: (email: string) => send('resendVerification', 'ResendVerificationInput', 'emailSent', { email }),
    verify: (token: string) => send('verifyEmail', 'VerifyEmailInput', 'emailVerified', { token }),
    forget: (email: string) => send('requestPasswordReset', 'RequestPasswordResetInput', 'emailSent', { email }),
    reset: (token: string, newPassword: string) =>
      send('resetPassword', 'ResetPasswordInput', 'passwordChanged', { token, newPassword }),
    logIn: (email: string, input: object = {}, ip?: string) =>
      send('logIn', 'LogInInput', tokens, { email, password, ...input }, ip),
    refresh: (refreshToken: string) => send('refreshSession', 'RefreshSessionInput', tokens, { refreshToken }),
    /** A document with an access token. */
    as: ({ accessToken }: Pick<Tokens, 'accessToken'>, query: string, variables: Record<string, unknown> = {}) =>
      execute(query, variables, { headers: { authorization: `Bearer ${accessToken}` } }),
    /** The mails to an address, the first one first, once there are so many. */
    mailsTo: (email: string, count: number) => mailsTo(path.join(home, 'outbox'), email, count),
  }
}

/** The token of the link in a mail. */
export function tokenIn(mail: string | undefined): string {
  return /#token=([\w-]+)$/m.exec(mail ?? '')?.[1] ?? 'no token'
}

/** Mails leave after the answer, so they are waited for. */
async function mailsTo(outbox: string, email: string, count: number): Promise<string[]> {
  for (const start = Date.now(); ; ) {
    const names = fs.existsSync(outbox) ? fs.readdirSync(outbox).sort() : []
    const mails = names.map((name) => fs.readFileSync(path.join(outbox, name), 'utf8'))
    const theirs = mails.filter((mail) => mail.includes(`To: ${email}`) && isWhole(mail))
    if (theirs.length >= count) return theirs
    if (Date.now() - start > 10_000) throw new Error(`${theirs.length} mails to ${email}, not ${count}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Plain text that ends as our mails do, or all parts of one that has several. */
function isWhole(mail: string): boolean {
  const boundary = /boundary="([^"]+)"/.exec(mail)?.[1]
  return mail.trimEnd().endsWith(boundary === undefined ? 'Kitaab' : `--${boundary}--`)
}
