import type { InEachLanguage } from '../../platform/letters.ts'

/** What the mails about the end of an account are about. */
export interface ClosingFacts {
  /** Where one sets a new password. */
  readonly link: string
  /** The service's own address. */
  readonly service: string
  /** For how many days after it was erased something may still be in a backup; 0: there are none. */
  readonly backupDays: number
}

interface ClosingText<Facts> {
  readonly subject: string
  readonly paragraphs: (facts: Facts) => readonly (readonly string[])[]
}

interface ClosingTexts {
  /** `day`, in words: the first on which nothing of it is left, in UTC. */
  readonly closing: ClosingText<ClosingFacts & { readonly day: string }>
  /** The last mail to an address. */
  readonly erased: ClosingText<Omit<ClosingFacts, 'link'>>
}

const backups: InEachLanguage<(days: number) => string> = {
  en: (days) =>
    days === 0 ? 'No backups are kept.' : `Backups that were made before hold it for at most ${days} days more.`,
  ar: (days) =>
    days === 0
      ? 'لا تُحفظ نسخ احتياطية.'
      : `تبقى بياناته في النسخ الاحتياطية التي أُخذت من قبل مدةً أقصاها بالأيام: ${days}.`,
  id: (days) =>
    days === 0
      ? 'Tidak ada cadangan yang disimpan.'
      : `Cadangan yang dibuat sebelumnya masih memuatnya paling lama ${days} hari lagi.`,
}

export const closingTexts: InEachLanguage<ClosingTexts> = {
  en: {
    closing: {
      subject: 'Your account will be closed',
      paragraphs: ({ link, service, day, backupDays }) => [
        [
          'Somebody who knows your password asked for it at',
          `${service}.`,
          `From ${day} on (UTC)`,
          'the account is erased with all that it holds.',
          'Until then everything works, and you may keep it after all.',
        ],
        [backups.en(backupDays)],
        ['If it was not you, set a new password now, log in, and keep the account:', link],
      ],
    },
    erased: {
      subject: 'Your account is erased',
      paragraphs: ({ service, backupDays }) => [
        ['The 30 days are over. Your account, with all that it held, is erased at', `${service}.`],
        ['What you recorded in the diaries of others stays theirs, without your name.'],
        [backups.en(backupDays)],
      ],
    },
  },
  ar: {
    closing: {
      subject: 'سيُغلق حسابك',
      paragraphs: ({ link, service, day, backupDays }) => [
        [
          'طلب ذلك من يعرف كلمة مرورك في',
          service,
          `ابتداءً من ${day} (بالتوقيت العالمي)`,
          'يُمحى الحساب وكل ما فيه.',
          'وإلى ذلك الحين يبقى كل شيء على حاله، ولك أن تحتفظ به.',
        ],
        [backups.ar(backupDays)],
        ['إن لم تكن أنت فعيّن كلمة مرور جديدة الآن، وسجّل الدخول، واحتفظ بالحساب:', link],
      ],
    },
    erased: {
      subject: 'مُحي حسابك',
      paragraphs: ({ service, backupDays }) => [
        ['انقضت الأيام الثلاثون. مُحي حسابك وكل ما كان فيه من', service],
        ['وما سجّلته في دفاتر غيرك يبقى لهم، بلا اسمك.'],
        [backups.ar(backupDays)],
      ],
    },
  },
  id: {
    closing: {
      subject: 'Akun Anda akan ditutup',
      paragraphs: ({ link, service, day, backupDays }) => [
        [
          'Seseorang yang tahu kata sandi Anda memintanya di',
          `${service}.`,
          `Mulai ${day} (UTC)`,
          'akun beserta seluruh isinya dihapus.',
          'Sampai saat itu semuanya tetap berfungsi, dan Anda boleh mempertahankannya.',
        ],
        [backups.id(backupDays)],
        ['Jika itu bukan Anda, buat kata sandi baru sekarang, masuk, dan pertahankan akun:', link],
      ],
    },
    erased: {
      subject: 'Akun Anda telah dihapus',
      paragraphs: ({ service, backupDays }) => [
        ['Masa 30 hari telah berakhir. Akun Anda beserta seluruh isinya telah dihapus di', `${service}.`],
        ['Yang Anda catat dalam buku orang lain tetap milik mereka, tanpa nama Anda.'],
        [backups.id(backupDays)],
      ],
    },
  },
}
