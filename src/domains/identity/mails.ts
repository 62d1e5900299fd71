import type { Mail } from './services/mail.ts'

interface Addressee {
  email: string
  fullName: string
}

function mail({ email, fullName }: Addressee, subject: string, paragraphs: readonly string[]): Mail {
  const greeting = fullName ? `Peace be upon you, ${fullName},` : 'Peace be upon you,'
  return { to: email, subject, text: `${[greeting, ...paragraphs, 'Kitaab'].join('\n\n')}\n` }
}

/** The token stands behind the `#`, which browsers keep to themselves: it reaches no server's log. */
function link(publicUrl: string, page: string, token: string): string {
  return `${publicUrl}/${page}#token=${token}`
}

export function verificationMail(to: Addressee, publicUrl: string, token: string): Mail {
  return mail(to, 'Confirm your address', [
    'Open this link within 24 hours to confirm that this address is yours:',
    link(publicUrl, 'verify-email', token),
    'If you did not open an account, do nothing: it stays unconfirmed.',
  ])
}

export function knownAddressMail(to: Addressee, publicUrl: string): Mail {
  return mail(to, 'You already have an account', [
    `Somebody, probably you, wanted to open an account with this address at ${publicUrl}. It has one already: log in, or ask for a new password.`,
    'If it was not you, do nothing: nothing has changed.',
  ])
}

export function resetMail(to: Addressee, publicUrl: string, token: string): Mail {
  return mail(to, 'Set a new password', [
    'Open this link within an hour to set a new password. It ends all your sessions:',
    link(publicUrl, 'reset-password', token),
    'If you did not ask for it, do nothing: your password stays as it is.',
  ])
}
