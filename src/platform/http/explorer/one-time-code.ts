import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface OneTimeCode {
  readonly code: string
  /** True for the right code, once. */
  take(candidate: string): boolean
}

/** A code for one link; it holds until it is used, or the process ends. */
export function makeOneTimeCode(): OneTimeCode {
  const code = randomBytes(24).toString('base64url')
  let open = true
  return {
    code,
    take(candidate) {
      if (!open || !timingSafeEqual(digest(candidate), digest(code))) return false
      open = false
      return true
    },
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
