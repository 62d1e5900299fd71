import { letter } from '../identity/mails.ts'
import type { Mail } from '../identity/services/mail.ts'

// As in identity's mails, nobody's name stands in one: whoever asks has chosen theirs.

/** To the one who was asked. */
export function requestMail(to: string, publicUrl: string): Mail {
  return letter(to, 'Somebody asks to see deeds of yours', [
    ['Log in to see who it is, and to accept, decline or block:', publicUrl],
    ['Whatever you answer, nothing is shown that you do not grant item by item.'],
  ])
}

/** To the one who asked. */
export function acceptedMail(to: string, publicUrl: string): Mail {
  return letter(to, 'A request of yours was accepted', [
    ['Somebody whom you asked has accepted. What they share with you, you see here:', publicUrl],
  ])
}
