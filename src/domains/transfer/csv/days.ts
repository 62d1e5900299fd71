import type { ImportProblem, PlannedEntry, PlannedHabit } from '../import-plan.ts'
import { quoted } from '../quoted.ts'
import { amountOf, type DecimalMark } from './amounts.ts'
import { type DateOrder, dateOf } from './dates.ts'

/** A row of a table, as it stands there. */
export interface WrittenDay {
  readonly habit: PlannedHabit
  readonly date: string
  readonly value: string
  readonly notes: string
  readonly line: number
}

/** How a file writes. */
export interface Notation {
  readonly file: string
  readonly order: DateOrder
  readonly mark: DecimalMark
}

/**
 * IMP-3 Puts each row into its habit, in the order of the days. Of two rows of a day the later one is taken and the earlier
 * reported, as is a row that can't be taken.
 */
export function takeDays(days: readonly WrittenDay[], notation: Notation, problems: ImportProblem[]): void {
  const { file } = notation
  const taken = new Map<PlannedHabit, Map<string, { entry: PlannedEntry; line: number }>>()
  for (const day of days) {
    const entry = entryOf(day, notation)
    if (typeof entry === 'string') {
      problems.push({ file, line: day.line, reason: entry })
      continue
    }
    const ofHabit = taken.get(day.habit) ?? new Map()
    taken.set(day.habit, ofHabit)
    const earlier = ofHabit.get(entry.date)
    if (earlier) {
      const reason = `${entry.date} stands there again in line ${day.line}: that one was taken.`
      problems.push({ file, line: earlier.line, reason })
    }
    ofHabit.set(entry.date, { entry, line: day.line })
  }
  for (const [habit, ofHabit] of taken) {
    habit.entries = [...ofHabit.values()].map(({ entry }) => entry).sort((a, b) => (a.date < b.date ? -1 : 1))
  }
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

const orders = { DMY: 'day/month/year', MDY: 'month/day/year' }

function entryOf({ date, value, notes }: WrittenDay, { order, mark }: Notation): PlannedEntry | string {
  const day = dateOf(date, order)
  if (day === undefined) return `${quoted(date)} is not a date (YYYY-MM-DD or ${orders[order]}).`
  const count = amountOf(value, mark)
  if (count === undefined) {
    return `${quoted(value)} is not an amount from 0 to 999999999.999 with at most 3 places and "${mark}" before them.`
  }
  return { date: day, count, notes: notes.trim() === '' ? null : notes }
}
