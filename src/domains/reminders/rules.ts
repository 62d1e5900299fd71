import { badUserInput } from '../../platform/graphql/errors.ts'

/** REM-2 How late a reminder may be, and for how long somebody may be sending it. */
export const latestMinutes = 120
export const sendingMinutes = 10

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
