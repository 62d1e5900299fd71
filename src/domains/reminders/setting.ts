import type { SetReminderInput } from '../../generated/graphql.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import { toGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { checkVersion } from '../deeds/queries/locks.ts'
import { refuseNulls } from '../identity/rules.ts'
import { dailyReminderExists } from './constraint-errors.ts'
import {
  changeReminder,
  dailyReminder,
  insertReminder,
  lockReminder,
  type ReminderChanges,
  type ReminderKey,
  remindersByKeys,
} from './queries/reminders.ts'
import { checkedChannels, checkedWeekdays, invalid } from './rules.ts'

const everyDay = [1, 2, 3, 4, 5, 6, 7]

/** Makes a reminder, or changes the one of the key; answers its id. */
export async function setReminder(
  tx: Transaction,
  ownerId: UserId,
  key: ReminderKey | null,
  input: SetReminderInput,
): Promise<string> {
  const changes = changesOf(input)
  if (key === null) {
    if (changes.localTime === undefined) throw invalid('A new reminder needs a time of day.', 'input.localTime')
    await checkDaily(tx, ownerId, { weekdays: everyDay, isActive: true, ...changes })
    return insertReminder(tx, ownerId, { ...changes, localTime: changes.localTime })
  }
  const locked = await lockReminder(tx, key)
  const [before] = await remindersByKeys(tx, [key])
  if (!locked || !before) throw notFound()
  checkVersion(locked.version, input.expectedVersion)
  await checkDaily(tx, ownerId, { ...before, ...changes })
  await changeReminder(tx, key, changes)
  return key.reminderId
}

/** REM-1 One active reminder for every day; a unique index has the last word when two come at once. */
async function checkDaily(
  tx: Transaction,
  ownerId: UserId,
  reminder: { reminderId?: string; weekdays: readonly number[]; isActive: boolean },
): Promise<void> {
  if (!reminder.isActive || reminder.weekdays.length < everyDay.length) return
  const daily = await dailyReminder(tx, ownerId)
  if (!daily || daily.reminderId === reminder.reminderId) return
  throw dailyReminderExists({ reminderId: toGlobalId('Reminder', { ownerId, ...daily }) })
}

function changesOf(input: SetReminderInput): ReminderChanges {
  const { localTime, weekdays, condition, channels, title, isActive } = input
  refuseNulls(input, ['localTime', 'weekdays', 'condition', 'channels', 'isActive'])
  return {
    ...(localTime != null && { localTime }),
    ...(weekdays != null && { weekdays: checkedWeekdays(weekdays) }),
    ...(condition != null && { condition }),
    ...(channels != null && { channels: checkedChannels(channels) }),
    ...(title !== undefined && { title: titleOf(title) }),
    ...(isActive != null && { isActive }),
  }
}

/** One line: it is the subject of a mail. */
function titleOf(title: string | null): string | null {
  if (title === null) return null
  const text = requireText(title, { field: 'input.title', max: 200 })
  if (/[\n\t]/.test(text)) throw invalid('A title is one line.', 'input.title')
  return text
}
