import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RefreshClaim } from '../rules.ts'

export interface RefreshTokens {
  /** `session id . generation . HMAC`; the same claim is always the same token. */
  sign(claim: RefreshClaim): string
  /** Null unless the token is genuine, however old. */
  read(token: string): RefreshClaim | null
}

const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9]\d{0,8})\.([\w-]{43})$/

export function makeRefreshTokens(key: Buffer): RefreshTokens {
  const mac = (claim: string) => createHmac('sha256', key).update(claim).digest()
  return {
    sign({ sessionId, generation }) {
      const claim = `${sessionId}.${generation}`
      return `${claim}.${mac(claim).toString('base64url')}`
    },
    read(token) {
      const [, sessionId, generation, given] = form.exec(token) ?? []
      if (!sessionId || !generation || !given) return null
      const genuine = timingSafeEqual(mac(`${sessionId}.${generation}`), Buffer.from(given, 'base64url'))
      return genuine ? { sessionId, generation: Number(generation) } : null
    },
  }
}
