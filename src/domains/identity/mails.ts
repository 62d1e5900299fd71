import { accountPages } from '../../platform/http/account-pages/paths.ts'
import type { Mail } from './services/mail.ts'

// Nobody's name stands in a mail: whoever registers gives one, for an address that may be another's. And what is ASCII in lines of at
// most 76 is sent as it is, so that a mail in the outbox can be read, and its link copied.

/** A mail in plain text: paragraphs of lines, between greeting and signature. */
export function letter(to: string, subject: string, paragraphs: readonly (readonly string[])[]): Mail {
  const all = [['Peace be upon you,'], ...paragraphs, ['Kitaab']]
  return { to, subject, text: `${all.map((lines) => lines.join('\n')).join('\n\n')}\n` }
}

/** The token stands behind the `#`, which browsers keep to themselves: it reaches no server's log. */
function link(publicUrl: string, page: string, token: string): string {
  return `${publicUrl}/${page}#token=${token}`
}

export function verificationMail(to: string, publicUrl: string, token: string): Mail {
  return letter(to, 'Confirm your address', [
    ['Open this link within 24 hours to confirm that this address is yours:'],
    [link(publicUrl, accountPages.verifyEmail, token)],
    ['If you did not open an account, do nothing: it stays unconfirmed.'],
  ])
}

export function knownAddressMail(to: string, publicUrl: string): Mail {
  return letter(to, 'You already have an account', [
    [
      'Somebody, probably you, wanted to open an account with this address at',
      `${publicUrl}.`,
      'It has one already: log in, or have a link sent that sets a new password:',
    ],
    [`${publicUrl}/${accountPages.resetPassword}`],
    ['If it was not you, do nothing: nothing has changed.'],
  ])
}

export function changeEmailMail(to: string, publicUrl: string, token: string): Mail {
  return letter(to, 'Confirm your new address', [
    ['Open this link within 24 hours to log in with this address from then on:'],
    [link(publicUrl, accountPages.verifyEmail, token)],
    ['If you did not ask for it, do nothing: the account keeps its address.'],
  ])
}

export function unusableAddressMail(to: string, publicUrl: string): Mail {
  return letter(to, 'This address has an account already', [
    [
      'Somebody, probably you, wanted another account to have this address at',
      `${publicUrl}.`,
      'It has an account of its own already, and an address can have only one.',
    ],
    ['Nothing has changed.'],
  ])
}

/** To the address that the account still has. The new one is not told: whoever asked may have been a thief. */
export function emailChangeNotice(to: string, publicUrl: string): Mail {
  return letter(to, 'Your account is to get another address', [
    [
      'Somebody who knows your password asked for it at',
      `${publicUrl}.`,
      'Until the link that went to the new address is opened, nothing changes.',
    ],
    [
      'If it was not you, set a new password now, which also voids that link:',
      `${publicUrl}/${accountPages.resetPassword}`,
    ],
  ])
}

export function resetMail(to: string, publicUrl: string, token: string): Mail {
  return letter(to, 'Set a new password', [
    ['Open this link within an hour to set a new password.', 'You will be logged out everywhere:'],
    [link(publicUrl, accountPages.resetPassword, token)],
    ['If you did not ask for it, do nothing: your password stays as it is.'],
  ])
}
