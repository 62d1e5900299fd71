import { badUserInput } from '../../platform/graphql/errors.ts'

/** REM-2 How late a reminder may be, and for how long somebody may be sending it. */
export const latestMinutes = 120
export const sendingMinutes = 10
/** News of a goal keep for longer. */
const latestGoalMinutes = 24 * 60

/** Days of the week in order, each once. BAD_USER_INPUT, reason INVALID_REMINDER. */
export function checkedWeekdays(weekdays: readonly number[]): number[] {
  const days = [...new Set(weekdays)].sort((a, b) => a - b)
  if (days.length === 0 || days.some((day) => day < 1 || day > 7)) {
    throw invalid('Weekdays are numbers from 1 (Monday) to 7 (Sunday), at least one.', 'input.weekdays')
  }
  return days
}

/** Channels in order, each once; a reminder without one would be none. BAD_USER_INPUT, reason INVALID_REMINDER. */
export function checkedChannels<Channel extends string>(channels: readonly Channel[], { mayBeNone = false } = {}) {
  const each = [...new Set(channels)].sort()
  if (each.length > 0 || mayBeNone) return each
  throw invalid('A reminder comes by one channel at least; to silence it, set isActive to false.', 'input.channels')
}

export function invalid(message: string, field: string) {
  return badUserInput(message, { reason: 'INVALID_REMINDER', field })
}

/** What decides whether a message is still to be sent. */
export interface Situation {
  readonly reminderId: string | null
  readonly channel: 'email' | 'push'
  readonly lateMinutes: number
  readonly accountIsActive: boolean
  readonly isOn: boolean
  readonly isTakenBack: boolean
  readonly isRecorded: boolean
  readonly email: string | null
  readonly emailVerified: boolean
}

/** Why a message is left out, as a code; null when it is to be sent. */
export function reasonToSkip(situation: Situation): string | null {
  const { reminderId, channel, lateMinutes } = situation
  if (lateMinutes > (reminderId === null ? latestGoalMinutes : latestMinutes)) return 'late'
  if (!situation.accountIsActive) return 'account_inactive'
  if (situation.isTakenBack) return 'taken_back'
  if (!situation.isOn) return 'turned_off'
  if (situation.isRecorded) return 'recorded'
  if (channel === 'email' && !(situation.email && situation.emailVerified)) return 'address_not_confirmed'
  return null
}

const backOffMinutes = [1, 5, 15, 30, 60]

/** How long to wait after so many attempts that are known to have brought nothing, in minutes; null: no longer. */
export function minutesToWait(attempts: number): number | null {
  return backOffMinutes[attempts - 1] ?? null
}
