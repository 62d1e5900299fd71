import { accountPages } from '../../platform/http/account-pages/paths.ts'
import { composeLetter, languageOf } from '../../platform/letters.ts'
import type { Mail } from './services/mail.ts'
import { identityTexts, type MailPlaces } from './texts.ts'

// Nobody's name stands in a mail: whoever registers gives one, for an address that may be another's.

/** Whom a mail goes to, and in which language. */
export interface Reader {
  readonly email: string
  readonly locale: string
}

function mail(kind: keyof (typeof identityTexts)['en'], { email, locale }: Reader, places: MailPlaces): Mail {
  const language = languageOf(locale)
  const { subject, paragraphs } = identityTexts[language][kind]
  return composeLetter({ to: email, language, subject, paragraphs: paragraphs(places) })
}

/** A mail that is in English for everybody. */
export function letter(to: string, subject: string, paragraphs: readonly (readonly string[])[]): Mail {
  return composeLetter({ to, language: 'en', subject, paragraphs })
}

/** The token stands behind the `#`, which browsers keep to themselves: it reaches no server's log. */
function linkTo(publicUrl: string, page: string, token: string): MailPlaces {
  return { link: `${publicUrl}/${page}#token=${token}`, service: publicUrl }
}

/** The page where one asks for a link. */
function whereToAsk(publicUrl: string): MailPlaces {
  return { link: `${publicUrl}/${accountPages.resetPassword}`, service: publicUrl }
}

export function verificationMail(reader: Reader, publicUrl: string, token: string): Mail {
  return mail('verification', reader, linkTo(publicUrl, accountPages.verifyEmail, token))
}

export function knownAddressMail(reader: Reader, publicUrl: string): Mail {
  return mail('knownAddress', reader, whereToAsk(publicUrl))
}

export function changeEmailMail(reader: Reader, publicUrl: string, token: string): Mail {
  return mail('changeEmail', reader, linkTo(publicUrl, accountPages.verifyEmail, token))
}

export function unusableAddressMail(reader: Reader, publicUrl: string): Mail {
  return mail('unusableAddress', reader, whereToAsk(publicUrl))
}

/** To the address that the account still has. The new one is not told: whoever asked may have been a thief. */
export function emailChangeNotice(reader: Reader, publicUrl: string): Mail {
  return mail('emailChangeNotice', reader, whereToAsk(publicUrl))
}

export function resetMail(reader: Reader, publicUrl: string, token: string): Mail {
  return mail('reset', reader, linkTo(publicUrl, accountPages.resetPassword, token))
}

/** `closesAt` as the database prints it. */
export function closingMail(to: string, publicUrl: string, closesAt: string, backupDays: number): Mail {
  return letter(to, 'Your account will be closed', [
    [
      'Somebody who knows your password asked for it at',
      `${publicUrl}.`,
      `From ${closesAt.slice(0, 10)} on (UTC) the account is erased with all that it holds.`,
      'Until then everything works, and you may keep it after all.',
    ],
    backupLines(backupDays),
    [
      'If it was not you, set a new password now, log in, and keep the account:',
      `${publicUrl}/${accountPages.resetPassword}`,
    ],
  ])
}

/** The last mail to an address. */
export function erasedMail(to: string, publicUrl: string, backupDays: number): Mail {
  return letter(to, 'Your account is erased', [
    ['The 30 days are over. Your account, with all that it held, is erased at', `${publicUrl}.`],
    ['What you recorded in the diaries of others stays theirs, without your name.'],
    backupLines(backupDays),
  ])
}

function backupLines(days: number): string[] {
  if (days === 0) return ['No backups are kept.']
  return [`Backups that were made before hold it for at most ${days} days more.`]
}
