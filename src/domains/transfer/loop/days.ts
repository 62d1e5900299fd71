import { addDays } from '../../../platform/civil-dates.ts'
import type { ImportProblem, PlannedEntry, PlannedHabit } from '../import-plan.ts'
import { quoted } from '../quoted.ts'

export interface LoopHabit extends PlannedHabit {
  readonly isNumerical: boolean
}

/** A day as Loop writes it: a state, or an amount in thousandths. */
export interface LoopDay {
  date: string | undefined
  value: string | undefined
  notes: string | undefined
  line: number | null
}

/** IMP-2 Puts its days into a habit; of two for one date the first is taken, the other is a problem. */
export function takeDays(habit: LoopHabit, days: Iterable<LoopDay>, file: string, problems: ImportProblem[]): void {
  const taken = new Map<string, PlannedEntry>()
  for (const { date = '', value = '', notes = '', line } of days) {
    const entry = entryOf(habit, date.trim(), value.trim(), notes)
    if (typeof entry === 'string') problems.push({ file, line, reason: entry })
    else if (entry === null) habit.skipped[value.trim()] = (habit.skipped[value.trim()] ?? 0) + 1
    else if (taken.has(entry.date))
      problems.push({ file, line, reason: `${entry.date} stands there twice: the first one was taken.` })
    else taken.set(entry.date, entry)
  }
  habit.entries = [...taken.values()].sort((a, b) => (a.date < b.date ? -1 : 1))
}

const silent = ['SKIP', 'UNKNOWN']
// How a numerical habit prints the smallest of its amounts, in thousandths.
const asThousandths: Record<string, string> = { NO: '0', YES_AUTO: '1', YES_MANUAL: '2' }
const largestThousandths = 999_999_999_999n

/** IMP-2 One day: an entry, null when it says nothing that can be recorded, or why it can't be taken. */
function entryOf(habit: LoopHabit, date: string, value: string, notes: string): PlannedEntry | string | null {
  if (!isDate(date)) return `${quoted(date)} is not a date (YYYY-MM-DD).`
  const count = silent.includes(value) ? null : habit.isNumerical ? amountOf(value) : checkmarkOf(value)
  if (count === undefined)
    return `${quoted(value)} is not a value of a ${habit.isNumerical ? 'numerical' : 'yes-or-no'} habit.`
  if (count === null && notes.trim() === '') return null
  return { date, count: count ?? '0', notes: notes.trim() === '' ? null : notes }
}

function checkmarkOf(value: string): string | null | undefined {
  return { YES_MANUAL: '1', NO: '0', YES_AUTO: null }[value]
}

function amountOf(value: string): string | undefined {
  const thousandths = asThousandths[value] ?? value
  if (!/^\d{1,15}$/.test(thousandths) || BigInt(thousandths) > largestThousandths) return undefined
  const padded = thousandths.padStart(4, '0')
  return `${padded.slice(0, -3)}.${padded.slice(-3)}`.replace(/^0+(?=\d)/, '').replace(/\.?0+$/, '')
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text
}
