import { letter } from '../identity/mails.ts'
import type { Mail } from '../identity/services/mail.ts'

/** Without a word of what was asked or answered: a mailbox may be read by others. */
export function answeredMail(to: string, publicUrl: string): Mail {
  return letter(to, 'Support has answered you', [
    ['There is an answer to what you wrote to support. Log in to read it:'],
    [publicUrl],
  ])
}
