import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { unauthenticated } from '../../../platform/graphql/errors.ts'

import type { Viewer } from '../../../platform/viewer.ts'
import type { KeyRing } from './key-ring.ts'

export interface AccessToken {
  token: string
  /** RFC 3339. */
  expiresAt: string
}

export interface AccessTokens {
  sign(viewer: Viewer): Promise<AccessToken>
  /** SES-2 Without I/O. Throws UNAUTHENTICATED, reason TOKEN_EXPIRED or INVALID_TOKEN. */
  verify(token: string): Promise<Viewer>
}

/** SES-2 */
const lifetimeSeconds = 15 * 60
/** Tokens whose signature was verified and that are held in memory until they expire. */
const mostRemembered = 10_000
const audience = 'kitaab'
const algorithm = 'EdDSA'
const expected = { audience, issuer: audience, algorithms: [algorithm], requiredClaims: ['exp'] }

/** SES-2 JWTs signed by Ed25519. `now` in milliseconds. */
export function makeAccessTokens(ring: KeyRing, now: () => number = Date.now): AccessTokens {
  // Verifying a signature takes longer than most statements, and a page sends its token again with each request.
  const verified = new LRUCache<string, { viewer: Viewer; kid: string; until: number }>({ max: mostRemembered })
  return {
    async sign({ userId, sessionId, role, scopes }) {
      const { signing } = ring.current()
      const issued = Math.floor(now() / 1000)
      const token = await new SignJWT({ sid: sessionId, role, scopes: [...scopes] })
        .setProtectedHeader({ alg: algorithm, kid: signing.kid })
        .setSubject(userId)
        .setIssuer(audience)
        .setAudience(audience)
        .setIssuedAt(issued)
        .setExpirationTime(issued + lifetimeSeconds)
        .sign(signing.privateKey)
      return { token, expiresAt: new Date((issued + lifetimeSeconds) * 1000).toISOString() }
    },
    async verify(token) {
      const known = verified.get(token)
      // A key that was taken away takes what it signed with it.
      if (known && known.until > now() && ring.recent().verifying.has(known.kid)) return known.viewer
      try {
        const { kid = '' } = decodeProtectedHeader(token)
        // Another process may have begun to sign with a new one.
        const key = ring.recent().verifying.get(kid) ?? ring.current().verifying.get(kid)
        if (!key) throw new errors.JWSInvalid('unknown key')
        const { payload } = await jwtVerify(token, key, { ...expected, currentDate: new Date(now()) })
        const viewer = viewerOf(payload)
        verified.set(token, { viewer, kid, until: (payload.exp ?? 0) * 1000 })
        return viewer
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          throw unauthenticated('The access token has expired: refresh the session.', { reason: 'TOKEN_EXPIRED' })
        }
        throw unauthenticated('This access token does not hold: log in.', { reason: 'INVALID_TOKEN' })
      }
    },
  }
}

const roles = ['member', 'analyst', 'support', 'admin'] as const

/** What we signed has this form; what has another was signed by a version that is gone. */
function viewerOf({ sub, sid, role, scopes }: Record<string, unknown>): Viewer {
  const known = roles.find((name) => name === role)
  if (typeof sub !== 'string' || typeof sid !== 'string' || !known || !Array.isArray(scopes)) {
    throw new errors.JWTInvalid('unknown claims')
  }
  return { userId: sub, sessionId: sid, role: known, scopes }
}
