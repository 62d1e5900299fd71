import { composeLetter, type InEachLanguage, languageOf } from '../../platform/letters.ts'
import type { Reader } from '../identity/mails.ts'
import type { Mail } from '../identity/services/mail.ts'

// As in identity's mails, nobody's name stands in one: whoever asks has chosen theirs.

interface RelationMail {
  readonly subject: string
  /** Before the service's address. */
  readonly lead: string
  readonly after?: string
}

const texts: InEachLanguage<Readonly<Record<'request' | 'accepted', RelationMail>>> = {
  en: {
    request: {
      subject: 'Somebody asks to see deeds of yours',
      lead: 'Log in to see who it is, and to accept, decline or block:',
      after: 'Whatever you answer, nothing is shown that you do not grant item by item.',
    },
    accepted: {
      subject: 'A request of yours was accepted',
      lead: 'Somebody whom you asked has accepted. What they share with you, you see here:',
    },
  },
  ar: {
    request: {
      subject: 'يطلب أحدهم الاطلاع على أعمال لك',
      lead: 'سجّل الدخول لترى من هو، ولتقبل أو ترفض أو تحظر:',
      after: 'ومهما كان جوابك فلا يظهر إلا ما تأذن به عنصرًا عنصرًا.',
    },
    accepted: {
      subject: 'قُبل طلب لك',
      lead: 'قَبِل من طلبت منه. وما يشاركه معك تراه هنا:',
    },
  },
  id: {
    request: {
      subject: 'Seseorang meminta melihat amalan Anda',
      lead: 'Masuklah untuk melihat siapa dia, lalu terima, tolak atau blokir:',
      after: 'Apa pun jawaban Anda, hanya yang Anda izinkan satu per satu yang terlihat.',
    },
    accepted: {
      subject: 'Permintaan Anda diterima',
      lead: 'Orang yang Anda minta telah menerima. Yang ia bagikan kepada Anda ada di sini:',
    },
  },
}

function mail(kind: 'request' | 'accepted', { email, locale }: Reader, publicUrl: string): Mail {
  const language = languageOf(locale)
  const { subject, lead, after } = texts[language][kind]
  return composeLetter({ to: email, language, subject, paragraphs: [[lead, publicUrl], ...(after ? [[after]] : [])] })
}

/** To the one who was asked. */
export function requestMail(reader: Reader, publicUrl: string): Mail {
  return mail('request', reader, publicUrl)
}

/** To the one who asked. */
export function acceptedMail(reader: Reader, publicUrl: string): Mail {
  return mail('accepted', reader, publicUrl)
}
