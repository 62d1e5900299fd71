import type { InEachLanguage } from '../../platform/letters.ts'

/** Where a mail leads: its link, and the service's own address. */
export interface MailPlaces {
  readonly link: string
  readonly service: string
}

export interface MailTexts {
  readonly subject: string
  readonly paragraphs: (places: MailPlaces) => readonly (readonly string[])[]
}

type MailKind = 'verification' | 'knownAddress' | 'changeEmail' | 'unusableAddress' | 'emailChangeNotice' | 'reset'

// What is ASCII in lines of at most 76 is sent as it is, so that a mail in the outbox can be read, and its link copied.

const en: Record<MailKind, MailTexts> = {
  verification: {
    subject: 'Confirm your address',
    paragraphs: ({ link }) => [
      ['Open this link within 24 hours to confirm that this address is yours:'],
      [link],
      ['If you did not open an account, do nothing: it stays unconfirmed.'],
    ],
  },
  knownAddress: {
    subject: 'You already have an account',
    paragraphs: ({ link, service }) => [
      [
        'Somebody, probably you, wanted to open an account with this address at',
        `${service}.`,
        'It has one already: log in, or have a link sent that sets a new password:',
      ],
      [link],
      ['If it was not you, do nothing: nothing has changed.'],
    ],
  },
  changeEmail: {
    subject: 'Confirm your new address',
    paragraphs: ({ link }) => [
      ['Open this link within 24 hours to log in with this address from then on:'],
      [link],
      ['If you did not ask for it, do nothing: the account keeps its address.'],
    ],
  },
  unusableAddress: {
    subject: 'This address has an account already',
    paragraphs: ({ service }) => [
      [
        'Somebody, probably you, wanted another account to have this address at',
        `${service}.`,
        'It has an account of its own already, and an address can have only one.',
      ],
      ['Nothing has changed.'],
    ],
  },
  emailChangeNotice: {
    subject: 'Your account is to get another address',
    paragraphs: ({ link, service }) => [
      [
        'Somebody who knows your password asked for it at',
        `${service}.`,
        'Until the link that went to the new address is opened, nothing changes.',
      ],
      ['If it was not you, set a new password now, which also voids that link:', link],
    ],
  },
  reset: {
    subject: 'Set a new password',
    paragraphs: ({ link }) => [
      ['Open this link within an hour to set a new password.', 'You will be logged out everywhere:'],
      [link],
      ['If you did not ask for it, do nothing: your password stays as it is.'],
    ],
  },
}

const ar: Record<MailKind, MailTexts> = {
  verification: {
    subject: 'أكّد عنوان بريدك',
    paragraphs: ({ link }) => [
      ['افتح هذا الرابط خلال 24 ساعة لتأكيد أن هذا العنوان لك:'],
      [link],
      ['إن لم تكن قد فتحت حسابًا فلا تفعل شيئًا: يبقى العنوان غير مؤكَّد.'],
    ],
  },
  knownAddress: {
    subject: 'لديك حساب من قبل',
    paragraphs: ({ link, service }) => [
      [
        'أراد أحدهم، ولعلّه أنت، فتح حساب بهذا العنوان في',
        service,
        'ولهذا العنوان حساب من قبل: سجّل الدخول، أو اطلب رابطًا لتعيين كلمة مرور جديدة:',
      ],
      [link],
      ['إن لم تكن أنت فلا تفعل شيئًا: لم يتغيّر شيء.'],
    ],
  },
  changeEmail: {
    subject: 'أكّد عنوانك الجديد',
    paragraphs: ({ link }) => [
      ['افتح هذا الرابط خلال 24 ساعة لتسجّل الدخول بهذا العنوان من بعد:'],
      [link],
      ['إن لم تطلب ذلك فلا تفعل شيئًا: يحتفظ الحساب بعنوانه.'],
    ],
  },
  unusableAddress: {
    subject: 'لهذا العنوان حساب من قبل',
    paragraphs: ({ service }) => [
      [
        'أراد أحدهم، ولعلّه أنت، أن يكون هذا العنوان لحساب آخر في',
        service,
        'ولهذا العنوان حساب خاص به من قبل، ولا يكون للعنوان إلا حساب واحد.',
      ],
      ['لم يتغيّر شيء.'],
    ],
  },
  emailChangeNotice: {
    subject: 'سيصير لحسابك عنوان آخر',
    paragraphs: ({ link, service }) => [
      ['طلب ذلك من يعرف كلمة مرورك في', service, 'ولا يتغيّر شيء حتى يُفتح الرابط المُرسَل إلى العنوان الجديد.'],
      ['إن لم تكن أنت فعيّن كلمة مرور جديدة الآن، وهذا يُبطل ذلك الرابط أيضًا:', link],
    ],
  },
  reset: {
    subject: 'عيّن كلمة مرور جديدة',
    paragraphs: ({ link }) => [
      ['افتح هذا الرابط خلال ساعة لتعيين كلمة مرور جديدة.', 'وسيُسجَّل خروجك من كل مكان:'],
      [link],
      ['إن لم تطلب ذلك فلا تفعل شيئًا: تبقى كلمة مرورك كما هي.'],
    ],
  },
}

const id: Record<MailKind, MailTexts> = {
  verification: {
    subject: 'Konfirmasikan alamat Anda',
    paragraphs: ({ link }) => [
      ['Buka tautan ini dalam 24 jam untuk mengonfirmasi bahwa alamat ini milik Anda:'],
      [link],
      ['Jika Anda tidak membuka akun, abaikan surel ini: alamat tetap tidak terkonfirmasi.'],
    ],
  },
  knownAddress: {
    subject: 'Anda sudah memiliki akun',
    paragraphs: ({ link, service }) => [
      [
        'Seseorang, mungkin Anda, hendak membuka akun dengan alamat ini di',
        `${service}.`,
        'Alamat ini sudah memiliki akun: masuklah, atau minta tautan untuk kata sandi baru:',
      ],
      [link],
      ['Jika itu bukan Anda, abaikan surel ini: tidak ada yang berubah.'],
    ],
  },
  changeEmail: {
    subject: 'Konfirmasikan alamat baru Anda',
    paragraphs: ({ link }) => [
      ['Buka tautan ini dalam 24 jam untuk selanjutnya masuk dengan alamat ini:'],
      [link],
      ['Jika Anda tidak memintanya, abaikan surel ini: akun tetap memakai alamat lamanya.'],
    ],
  },
  unusableAddress: {
    subject: 'Alamat ini sudah memiliki akun',
    paragraphs: ({ service }) => [
      [
        'Seseorang, mungkin Anda, ingin akun lain memakai alamat ini di',
        `${service}.`,
        'Alamat ini sudah memiliki akun sendiri, dan satu alamat hanya untuk satu akun.',
      ],
      ['Tidak ada yang berubah.'],
    ],
  },
  emailChangeNotice: {
    subject: 'Akun Anda akan memakai alamat lain',
    paragraphs: ({ link, service }) => [
      [
        'Seseorang yang tahu kata sandi Anda memintanya di',
        `${service}.`,
        'Sampai tautan yang dikirim ke alamat baru dibuka, tidak ada yang berubah.',
      ],
      ['Jika itu bukan Anda, buat kata sandi baru sekarang; tautan itu pun menjadi batal:', link],
    ],
  },
  reset: {
    subject: 'Buat kata sandi baru',
    paragraphs: ({ link }) => [
      ['Buka tautan ini dalam satu jam untuk membuat kata sandi baru.', 'Anda akan dikeluarkan dari semua perangkat:'],
      [link],
      ['Jika Anda tidak memintanya, abaikan surel ini: kata sandi Anda tetap.'],
    ],
  },
}

/** The mails about accounts, in the language of whom they go to. */
export const identityTexts: InEachLanguage<Readonly<Record<MailKind, MailTexts>>> = { en, ar, id }
