import { makeProvedClaims } from '../../platform/proved-claims.ts'
import { type KeyRing, keysFor } from '../identity/services/key-ring.ts'

/** What the address of an upload allows: to send this one file, as this person in this session, until then. */
export interface UploadClaim {
  readonly userId: string
  readonly sessionId: string
  readonly role: string
  readonly uploadId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface UploadTokens {
  sign(claim: UploadClaim): string
  /** Null unless the token is genuine; it may be over. */
  read(token: string): UploadClaim | null
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const form = new RegExp(`^([1-9]\\d{0,18})\\.(${uuid})\\.([a-z]{1,20})\\.(${uuid})\\.(\\d{13})$`)

/** Tokens proved by keys derived from those that sign access tokens: they hold on while those are rotated. */
export function makeUploadTokens(ring: Pick<KeyRing, 'current'>): UploadTokens {
  const claims = makeProvedClaims(keysFor(ring, 'kitaab upload'))
  return {
    sign: ({ userId, sessionId, role, uploadId, expiresAt }) =>
      claims.prove([userId, sessionId, role, uploadId, expiresAt].join('.')),
    read(token) {
      const [, userId, sessionId, role, uploadId, expiresAt] = form.exec(claims.read(token) ?? '') ?? []
      if (!userId || !sessionId || !role || !uploadId) return null
      return { userId, sessionId, role, uploadId, expiresAt: Number(expiresAt) }
    },
  }
}
