import { createHmac, timingSafeEqual } from 'node:crypto'
import { oneClickPage } from '../../../platform/http/one-click-page/path.ts'
import { languageOf } from '../../../platform/letters.ts'
import type { KeyRing } from '../../identity/services/key-ring.ts'

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

const purpose = 'kitaab link that turns off'
const form = /^(g|r[1-9]\d{0,18})\.([1-9]\d{0,18})\.([\w-]{43})$/

export function makeOffLinks(ring: KeyRing): OffLinks {
  const mac = (claim: string, key: Buffer) => createHmac('sha256', key).update(claim).digest()
  return {
    urlOf(publicUrl, { ownerId, reminderId, locale }) {
      const claim = `${reminderId === null ? 'g' : `r${reminderId}`}.${ownerId}`
      const [newest] = ring.current().derived(purpose)
      if (!newest) throw new Error('There is always a key.')
      const token = `${claim}.${mac(claim, newest.key).toString('base64url')}`
      return `${publicUrl}/${oneClickPage}?token=${token}&lang=${languageOf(locale)}`
    },
    read(token) {
      const [, subject = '', ownerId = '', given = ''] = form.exec(token) ?? []
      const bytes = Buffer.from(given, 'base64url')
      const isOurs = (key: Buffer) => timingSafeEqual(mac(`${subject}.${ownerId}`, key), bytes)
      if (
        bytes.length !== 32 ||
        !ring
          .current()
          .derived(purpose)
          .some(({ key }) => isOurs(key))
      )
        return null
      return { ownerId, reminderId: subject === 'g' ? null : subject.slice(1) }
    },
  }
}
