import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RefreshClaim } from '../rules.ts'
import type { KeyRing } from './key-ring.ts'

export interface RefreshTokens {
  /** `session id . generation . HMAC`; the same claim is always the same token, until the keys are rotated. */
  sign(claim: RefreshClaim): string
  /** Null unless the token is genuine, however old. */
  read(token: string): RefreshClaim | null
}

const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9]\d{0,8})\.([\w-]{43})$/

export function makeRefreshTokens(ring: KeyRing): RefreshTokens {
  const mac = (claim: string, key: Buffer) => createHmac('sha256', key).update(claim).digest()
  return {
    sign({ sessionId, generation }) {
      const claim = `${sessionId}.${generation}`
      return `${claim}.${mac(claim, ring.current().refresh).toString('base64url')}`
    },
    read(token) {
      const [, sessionId, generation, given] = form.exec(token) ?? []
      if (!sessionId || !generation || !given) return null
      const { refresh, olderRefresh } = ring.current()
      const bytes = Buffer.from(given, 'base64url')
      const genuine = [refresh, ...olderRefresh].some((key) =>
        timingSafeEqual(mac(`${sessionId}.${generation}`, key), bytes),
      )
      return genuine ? { sessionId, generation: Number(generation) } : null
    },
  }
}
