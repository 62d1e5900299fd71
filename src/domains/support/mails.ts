import { composeLetter, type InEachLanguage, languageOf } from '../../platform/letters.ts'
import type { Reader } from '../identity/mails.ts'
import type { Mail } from '../identity/services/mail.ts'

const texts: InEachLanguage<{ readonly subject: string; readonly sentence: string }> = {
  en: {
    subject: 'Support has answered you',
    sentence: 'There is an answer to what you wrote to support. Log in to read it:',
  },
  ar: {
    subject: 'أجابك فريق الدعم',
    sentence: 'هناك جواب على ما كتبته إلى فريق الدعم. سجّل الدخول لقراءته:',
  },
  id: {
    subject: 'Tim dukungan telah menjawab Anda',
    sentence: 'Ada jawaban atas pesan Anda kepada tim dukungan. Masuklah untuk membacanya:',
  },
}

/** Without a word of what was asked or answered: a mailbox may be read by others. */
export function answeredMail({ email, locale }: Reader, publicUrl: string): Mail {
  const language = languageOf(locale)
  const { subject, sentence } = texts[language]
  return composeLetter({ to: email, language, subject, paragraphs: [[sentence], [publicUrl]] })
}
