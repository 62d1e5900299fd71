import { makeProvedClaims } from '../../../platform/proved-claims.ts'
import type { RefreshClaim } from '../rules.ts'
import { type KeyRing, keysFor } from './key-ring.ts'

export interface RefreshTokens {
  /** `session id . generation . HMAC`; the same claim is always the same token, until the keys are rotated. */
  sign(claim: RefreshClaim): string
  /** Null unless the token is genuine, however old. */
  read(token: string): RefreshClaim | null
}

const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9]\d{0,8})$/

export function makeRefreshTokens(ring: Pick<KeyRing, 'current'>): RefreshTokens {
  const claims = makeProvedClaims(keysFor(ring, 'kitaab refresh token'))
  return {
    sign: ({ sessionId, generation }) => claims.prove(`${sessionId}.${generation}`),
    read(token) {
      const [, sessionId, generation] = form.exec(claims.read(token) ?? '') ?? []
      return sessionId && generation ? { sessionId, generation: Number(generation) } : null
    },
  }
}
