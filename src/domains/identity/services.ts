import type { Log } from '../../platform/log.ts'
import { type AccessTokens, makeAccessTokens } from './services/access-tokens.ts'
import { type KeyRing, keyRingOf } from './services/key-ring.ts'
import { type Mailer, makeMailer } from './services/mail.ts'
import { makePasswords, type Passwords } from './services/passwords.ts'
import { makeRefreshTokens, type RefreshTokens } from './services/refresh-tokens.ts'
import { type InTurn, makeTurns } from './services/turns.ts'

/** What identity has one of per process. */
export interface IdentityServices {
  /** What everything secret is derived from. */
  readonly keyRing: KeyRing
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly passwords: Passwords
  readonly mailer: Mailer
  /** The mail address of whoever runs the service, for those whom it turns away; null where no mails leave it. */
  readonly contact: string | null
  /** Attempts to log in, by account and address. */
  readonly inTurn: InTurn
}

export interface IdentityOptions {
  readonly home: string
  readonly jwtPrivateKey: string | null
  readonly jwtPreviousKey?: string | null
  readonly smtpUrl: URL | null
  readonly mailFrom: string
  readonly contact?: string | null
  readonly log: Log
}

export async function makeIdentityServices(options: IdentityOptions): Promise<IdentityServices> {
  const { home, smtpUrl, mailFrom, log } = options
  const ring = keyRingOf(options, log)
  return {
    keyRing: ring,
    accessTokens: makeAccessTokens(ring),
    refreshTokens: makeRefreshTokens(ring),
    passwords: makePasswords(),
    mailer: makeMailer({ smtpUrl, from: mailFrom, home, log }),
    contact: options.contact ?? null,
    inTurn: makeTurns(),
  }
}
