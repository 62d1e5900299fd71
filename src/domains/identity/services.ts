import type { Log } from '../../platform/log.ts'
import { type AccessTokens, makeAccessTokens } from './services/access-tokens.ts'
import { loadKeys } from './services/keys.ts'
import { type Mailer, makeMailer } from './services/mail.ts'
import { makePasswords, type Passwords } from './services/passwords.ts'
import { makeRefreshTokens, type RefreshTokens } from './services/refresh-tokens.ts'
import { type InTurn, makeTurns } from './services/turns.ts'

/** What identity has one of per process. */
export interface IdentityServices {
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly passwords: Passwords
  readonly mailer: Mailer
  /** Attempts to log in, by account and address. */
  readonly inTurn: InTurn
}

export interface IdentityOptions {
  readonly home: string
  readonly jwtPrivateKey: string | null
  readonly smtpUrl: URL | null
  readonly mailFrom: string
  readonly log: Log
}

export async function makeIdentityServices(options: IdentityOptions): Promise<IdentityServices> {
  const { home, jwtPrivateKey, smtpUrl, mailFrom, log } = options
  const keys = await loadKeys({ pem: jwtPrivateKey, home })
  return {
    accessTokens: makeAccessTokens(keys),
    refreshTokens: makeRefreshTokens(keys.refresh),
    passwords: makePasswords(),
    mailer: makeMailer({ smtpUrl, from: mailFrom, home, log }),
    inTurn: makeTurns(),
  }
}
