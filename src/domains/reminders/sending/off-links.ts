import { oneClickPage } from '../../../platform/http/one-click-page/path.ts'
import { languageOf } from '../../../platform/letters.ts'
import { makeProvedClaims } from '../../../platform/proved-claims.ts'
import { type KeyRing, keysFor } from '../../identity/services/key-ring.ts'

/** What a link in a mail turns off: a reminder, or without one mails about completed goals. */
export interface OffClaim {
  readonly ownerId: string
  readonly reminderId: string | null
}

export interface OffLinks {
  /** Where the link of a mail leads, in the reader's language. */
  urlOf(publicUrl: string, claim: OffClaim & { readonly locale: string }): string
  /** Null unless the token is ours. It holds for as long as the key that it was made by is kept. */
  read(token: string): OffClaim | null
}

const form = /^(g|r[1-9]\d{0,18})\.([1-9]\d{0,18})$/

export function makeOffLinks(ring: KeyRing): OffLinks {
  const claims = makeProvedClaims(keysFor(ring, 'kitaab link that turns off'))
  return {
    urlOf(publicUrl, { ownerId, reminderId, locale }) {
      const token = claims.prove(`${reminderId === null ? 'g' : `r${reminderId}`}.${ownerId}`)
      return `${publicUrl}/${oneClickPage}?token=${token}&lang=${languageOf(locale)}`
    },
    read(token) {
      const [, subject, ownerId] = form.exec(claims.read(token) ?? '') ?? []
      return subject && ownerId ? { ownerId, reminderId: subject === 'g' ? null : subject.slice(1) } : null
    },
  }
}
