import { createHmac, timingSafeEqual } from 'node:crypto'
import type { KeyRing } from '../../identity/services/key-ring.ts'

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
const form = new RegExp(`^(([1-9]\\d{0,18})\\.(${uuid})\\.([a-z]{1,20})\\.(${uuid})\\.(\\d{13}))\\.([\\w-]{43})$`)

/** Tokens proved by keys derived from those that sign access tokens: they hold on while those are rotated. */
export function makeUploadTokens(ring: Pick<KeyRing, 'current'>): UploadTokens {
  const keys = () => ring.current().derived('kitaab upload')
  const mac = (claim: string, key: Buffer) => createHmac('sha256', key).update(claim).digest()
  return {
    sign({ userId, sessionId, role, uploadId, expiresAt }) {
      const [newest] = keys()
      if (!newest) throw new Error('There is no key.')
      const claim = [userId, sessionId, role, uploadId, expiresAt].join('.')
      return `${claim}.${mac(claim, newest.key).toString('base64url')}`
    },
    read(token) {
      const [, claim, userId, sessionId, role, uploadId, expiresAt, given] = form.exec(token) ?? []
      if (!claim || !userId || !sessionId || !role || !uploadId || !given) return null
      const bytes = Buffer.from(given, 'base64url')
      if (!keys().some(({ key }) => timingSafeEqual(mac(claim, key), bytes))) return null
      return { userId, sessionId, role, uploadId, expiresAt: Number(expiresAt) }
    },
  }
}
