import { accountPages } from '../../platform/http/account-pages/paths.ts'
import { composeLetter, dateInWords, languageOf } from '../../platform/letters.ts'
import { closingTexts } from './closing-texts.ts'
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
export function closingMail({ email, locale }: Reader, publicUrl: string, closesAt: string, backupDays: number): Mail {
  const language = languageOf(locale)
  const { subject, paragraphs } = closingTexts[language].closing
  const day = dateInWords(closesAt.slice(0, 10), locale)
  const facts = { ...whereToAsk(publicUrl), day, backupDays }
  return composeLetter({ to: email, language, subject, paragraphs: paragraphs(facts) })
}

/** The last mail to an address. */
export function erasedMail({ email, locale }: Reader, publicUrl: string, backupDays: number): Mail {
  const language = languageOf(locale)
  const { subject, paragraphs } = closingTexts[language].erased
  return composeLetter({ to: email, language, subject, paragraphs: paragraphs({ service: publicUrl, backupDays }) })
}
