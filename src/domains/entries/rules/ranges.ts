import { addDays, daysBetween } from '../../../platform/civil-dates.ts'
import { badUserInput } from '../../../platform/graphql/errors.ts'

/** Civil dates, both in. */
export interface DateRange {
  readonly from: string
  readonly to: string
}

/** DAY-6 In days. */
export const longestRange = 3660

/** How many days a range has, both ends in. */
export function dayCount({ from, to }: DateRange): number {
  return daysBetween(from, to) + 1
}

const defaultDays = 30
/** DAY-4 The last 30 days: `today - 29 .. today`. */
export function lastDays(today: string, days = defaultDays): DateRange {
  return { from: addDays(today, 1 - days), to: today }
}

/** Days of a range that are over or under way, up to the owner's today; what `averagePerDay` divides by. */
export function elapsedDays({ from, to, today }: { from: string; to: string; today: string }): number {
  return Math.max(0, dayCount({ from, to: to < today ? to : today }))
}

/** DAY-6 A range as it may be asked for, else BAD_USER_INPUT, RANGE_TOO_WIDE with the widest that fits. */
export function checkedRange<Range extends DateRange>(range: Range, field = 'range'): Range {
  if (range.to < range.from) {
    throw badUserInput(`The range ends on ${range.to}, before it begins on ${range.from}.`, {
      reason: 'RANGE_REVERSED',
      field: `${field}.to`,
    })
  }
  if (dayCount(range) > longestRange) {
    const widest = addDays(range.from, longestRange - 1)
    throw badUserInput(
      `A range has at most ${longestRange} days; from ${range.from} the widest that fits ends on ${widest}.`,
      { reason: 'RANGE_TOO_WIDE', field },
    )
  }
  return range
}
