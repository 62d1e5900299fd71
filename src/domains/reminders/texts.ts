import type { BrokenTexts, OneClickTexts } from '../../platform/http/one-click-page/routes.ts'
import type { InEachLanguage } from '../../platform/letters.ts'

/** What reminders and news of goals say, in the language of whom they go to. */
export interface ReminderTexts {
  /** Of a reminder without a title. */
  readonly untitled: string
  readonly forDay: (date: string) => string
  readonly recordHere: string
  readonly turnReminderOff: string
  readonly goalReached: string
  readonly goalReachedOn: (date: string) => string
  readonly turnGoalsOff: string
}

export const reminderTexts: InEachLanguage<ReminderTexts> = {
  en: {
    untitled: 'How was your day? Write it down.',
    forDay: (date) => `This is your reminder for ${date}.`,
    recordHere: 'Your diary is here:',
    turnReminderOff: 'To turn this reminder off, open this link and confirm:',
    goalReached: 'You have reached a goal',
    goalReachedOn: (date) => `You have reached this goal on ${date}:`,
    turnGoalsOff: 'To get no more mails about goals, open this link and confirm:',
  },
  ar: {
    untitled: 'كيف كان يومك؟ سجّله الآن.',
    forDay: (date) => `هذا تذكيرك ليوم ${date}.`,
    recordHere: 'تجد يومياتك هنا:',
    turnReminderOff: 'لإيقاف هذا التذكير افتح هذا الرابط وأكّد:',
    goalReached: 'لقد حقّقت هدفًا',
    goalReachedOn: (date) => `لقد حقّقت هذا الهدف في ${date}:`,
    turnGoalsOff: 'لإيقاف الرسائل عن الأهداف افتح هذا الرابط وأكّد:',
  },
  id: {
    untitled: 'Bagaimana hari Anda? Catatlah.',
    forDay: (date) => `Ini pengingat Anda untuk ${date}.`,
    recordHere: 'Catatan harian Anda ada di sini:',
    turnReminderOff: 'Untuk mematikan pengingat ini, buka tautan berikut dan konfirmasikan:',
    goalReached: 'Anda telah mencapai sebuah target',
    goalReachedOn: (date) => `Anda telah mencapai target ini pada ${date}:`,
    turnGoalsOff: 'Agar tidak lagi menerima surel tentang target, buka tautan berikut dan konfirmasikan:',
  },
}

/** The page behind the link in a mail. */
export const offPageTexts: InEachLanguage<Record<'reminder' | 'goals', OneClickTexts> & { broken: BrokenTexts }> = {
  en: {
    reminder: {
      question: 'Turn this reminder off?',
      explained: 'It comes no more, by e-mail or otherwise. You can turn it on again in Kitaab.',
      button: 'Turn it off',
      done: 'The reminder is off',
      doneExplained: 'You can turn it on again in Kitaab, whenever you like.',
    },
    goals: {
      question: 'No more mails about goals?',
      explained: 'You will get no mail when you reach a goal. You can change that in Kitaab.',
      button: 'No more mails about goals',
      done: 'You get no more mails about goals',
      doneExplained: 'You can change that in Kitaab, whenever you like.',
    },
    broken: {
      title: 'This link does not work',
      explained:
        'It is too old, or did not arrive whole. Turn reminders off in Kitaab, or by the link in a newer mail.',
    },
  },
  ar: {
    reminder: {
      question: 'هل تريد إيقاف هذا التذكير؟',
      explained: 'لن يصلك بعد الآن بالبريد ولا بغيره. ويمكنك تشغيله من جديد في كتاب.',
      button: 'أوقف التذكير',
      done: 'توقّف التذكير',
      doneExplained: 'يمكنك تشغيله من جديد في كتاب متى شئت.',
    },
    goals: {
      question: 'هل تريد إيقاف الرسائل عن الأهداف؟',
      explained: 'لن تصلك رسالة عندما تحقّق هدفًا. ويمكنك تغيير ذلك في كتاب.',
      button: 'أوقف الرسائل عن الأهداف',
      done: 'توقّفت الرسائل عن الأهداف',
      doneExplained: 'يمكنك تغيير ذلك في كتاب متى شئت.',
    },
    broken: {
      title: 'هذا الرابط لا يعمل',
      explained: 'إما أنه قديم أو لم يصل كاملًا. أوقف التذكيرات في كتاب، أو من الرابط في رسالة أحدث.',
    },
  },
  id: {
    reminder: {
      question: 'Matikan pengingat ini?',
      explained:
        'Pengingat ini tidak akan datang lagi, lewat surel ataupun lainnya. Anda dapat menyalakannya kembali di Kitaab.',
      button: 'Matikan',
      done: 'Pengingat telah dimatikan',
      doneExplained: 'Anda dapat menyalakannya kembali di Kitaab kapan saja.',
    },
    goals: {
      question: 'Berhenti menerima surel tentang target?',
      explained: 'Anda tidak akan menerima surel saat mencapai target. Anda dapat mengubahnya di Kitaab.',
      button: 'Berhenti menerima surel tentang target',
      done: 'Anda tidak lagi menerima surel tentang target',
      doneExplained: 'Anda dapat mengubahnya di Kitaab kapan saja.',
    },
    broken: {
      title: 'Tautan ini tidak berfungsi',
      explained:
        'Tautan ini terlalu lama atau tidak sampai dengan utuh. Matikan pengingat di Kitaab, atau lewat tautan di surel yang lebih baru.',
    },
  },
}
