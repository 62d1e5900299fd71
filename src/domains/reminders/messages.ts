import { type ComposedLetter, composeLetter, dateInWords, languageOf } from '../../platform/letters.ts'
import type { DeliveryFacts } from './queries/deliveries.ts'
import { reminderTexts } from './texts.ts'

/** Where links in messages lead. */
export interface MessageLinks {
  readonly diary: string
  /** Turns the reminder, or mails about goals, off. */
  readonly off: string
}

/** The mail of a reminder, or about a completed goal. It holds what its owner called it, and nothing of the diary. */
export function letterOf(facts: DeliveryFacts, to: string, links: MessageLinks): ComposedLetter {
  const language = languageOf(facts.locale)
  const texts = reminderTexts[language]
  const date = dateInWords(facts.localDate, facts.locale)
  const isReminder = facts.reminderId !== null
  const title = facts.title ?? texts.untitled
  return composeLetter({
    to,
    language,
    subject: isReminder ? title : `${texts.goalReached}: ${title}`,
    paragraphs: [
      ...(isReminder ? [[title], [texts.forDay(date)]] : [[texts.goalReachedOn(date)], [title]]),
      [texts.recordHere, links.diary],
      [isReminder ? texts.turnReminderOff : texts.turnGoalsOff, links.off],
    ],
    headers: { 'List-Unsubscribe': `<${links.off}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  })
}

/** What a push message says: small, and tagged so that a repeated one takes the place of the first. */
export function pushMessageOf(facts: DeliveryFacts, url: string) {
  const language = languageOf(facts.locale)
  const texts = reminderTexts[language]
  const title = facts.title ?? texts.untitled
  return {
    title: facts.reminderId === null ? texts.goalReached : title,
    body: facts.reminderId === null ? title : texts.forDay(dateInWords(facts.localDate, facts.locale)),
    tag: tagOf(facts),
    lang: language,
    url,
  }
}

/** One for a reminder and a day, or for a goal: 32 characters at most, for the header `Topic`. */
export function tagOf({ reminderId, goalId, localDate }: DeliveryFacts): string {
  return reminderId === null ? `goal-${goalId}` : `r${BigInt(reminderId).toString(36)}-${localDate}`
}
