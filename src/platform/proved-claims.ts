import { createHmac, timingSafeEqual } from 'node:crypto'

/** Texts that are handed out with a proof, so that what comes back is what was handed out. */
export interface ProvedClaims {
  /** `claim.HMAC`: the same claim is always the same text, until the keys are rotated. */
  prove(claim: string): string
  /** The claim, or null unless the proof is by one of the keys. */
  read(text: string): string | null
}

/** `keys`: 32 bytes each, for this purpose alone; the newest first, which proves. HMAC-SHA-256 (RFC 2104). */
export function makeProvedClaims(keys: () => readonly Buffer[]): ProvedClaims {
  const mac = (claim: string, key: Buffer) => createHmac('sha256', key).update(claim).digest()
  return {
    prove(claim) {
      const [newest] = keys()
      if (!newest) throw new Error('There is always a key.')
      return `${claim}.${mac(claim, newest).toString('base64url')}`
    },
    read(text) {
      const [, claim, given] = /^(.+)\.([\w-]{43})$/.exec(text) ?? []
      if (!claim || !given) return null
      const bytes = Buffer.from(given, 'base64url')
      return keys().some((key) => timingSafeEqual(mac(claim, key), bytes)) ? claim : null
    },
  }
}
