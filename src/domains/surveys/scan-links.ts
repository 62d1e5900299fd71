import { makeProvedClaims } from '../../platform/proved-claims.ts'
import { type KeyRing, keysFor } from '../identity/services/key-ring.ts'

/** A scan's file that a link leads to: for this person in this session, until then. */
export interface ScanClaim {
  readonly userId: string
  readonly sessionId: string
  readonly role: string
  readonly ownerId: string
  readonly scanId: string
  readonly expiresAt: Date
}

export interface ScanLinks {
  /** The same claim is always the same text, until the keys are rotated. */
  sign(claim: ScanClaim): string
  /** Null unless it is genuine, however old. */
  read(text: string): ScanClaim | null
}

const number = '[1-9]\\d{0,18}'
const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const form = new RegExp(`^(${number})\\.(${uuid})\\.([a-z]{1,20})\\.(${number})\\.(${number})\\.([1-9]\\d{0,11})$`)

export function makeScanLinks(ring: Pick<KeyRing, 'current'>): ScanLinks {
  const claims = makeProvedClaims(keysFor(ring, 'kitaab scan link'))
  return {
    sign: ({ userId, sessionId, role, ownerId, scanId, expiresAt }) =>
      claims.prove([userId, sessionId, role, ownerId, scanId, Math.floor(expiresAt.getTime() / 1000)].join('.')),
    read(text) {
      const [, userId, sessionId, role, ownerId, scanId, seconds] = form.exec(claims.read(text) ?? '') ?? []
      if (!userId || !sessionId || !role || !ownerId || !scanId) return null
      return { userId, sessionId, role, ownerId, scanId, expiresAt: new Date(Number(seconds) * 1000) }
    },
  }
}

const hourMs = 3_600_000

/** One to two hours on, at a full hour: whoever asks twice gets the same link. */
export function linkExpiry(now: Date): Date {
  return new Date((Math.floor(now.getTime() / hourMs) + 2) * hourMs)
}
