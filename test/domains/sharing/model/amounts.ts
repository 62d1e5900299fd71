// What entries come to, as the schema's words say it: exact, and without any of the service's code.
import Big from 'big.js'
import { addDays, daysBetween } from '../../../../src/platform/civil-dates.ts'
import { plainStreak } from '../../statistics/model.ts'
import type { EntryRow, Rows } from './rows.ts'

export interface Range {
  from: string
  to: string
}

const rounded = (amount: Big, places: number) => amount.round(places, Big.roundHalfUp).toFixed()
const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total.plus(amount), new Big(0))

export const within = (entries: readonly EntryRow[], { from, to }: Range) =>
  entries.filter(({ date }) => date >= from && date <= to)

/** What a dashboard says of some entries. */
export function totalsOf(rows: Rows, entries: readonly EntryRow[], range: Range, today: string) {
  const inside = within(entries, range)
  const days = new Set(inside.map(({ date }) => date))
  const counts = inside.flatMap(({ count }) => count ?? [])
  const elapsed = Math.max(0, daysBetween(range.from, range.to < today ? range.to : today) + 1)
  const total = counts.length === 0 ? null : sum(counts)
  return {
    entryCount: inside.length,
    recordedDays: days.size,
    countTotal: total?.toFixed() ?? null,
    averagePerRecordedDay: total && rounded(total.div(days.size), 3),
    averagePerDay: total && elapsed > 0 ? rounded(total.div(elapsed), 3) : null,
    averageScore: averageScore(rows, inside),
  }
}

export function averageScore(rows: Rows, entries: readonly EntryRow[]): string | null {
  const scores = entries.flatMap(({ value }) => rows.values.find(({ id }) => id === value)?.normalized ?? [])
  return scores.length === 0 ? null : rounded(sum(scores).div(scores.length), 6)
}

export function statisticsOf(rows: Rows, entries: readonly EntryRow[], range: Range, today: string) {
  const inside = within(entries, range)
  const counts = inside.flatMap(({ count }) => count ?? []).sort((a, b) => Number(a) - Number(b))
  const over = Math.max(0, daysBetween(range.from, range.to < today ? range.to : addDays(today, -1)) + 1)
  const recordedBefore = new Set(inside.filter(({ date }) => date < today).map(({ date }) => date)).size
  const scaleOf = (id: string) => rows.scales.find((scale) => scale.id === id)?.number ?? 0
  const values = rows.values
    .filter(({ id }) => inside.some(({ value }) => value === id))
    .sort((a, b) => scaleOf(a.scale) - scaleOf(b.scale) || a.order - b.order)
  return {
    ...range,
    ...totalsOf(rows, entries, range, today),
    missingDays: over - recordedBefore,
    minimum: counts[0] ?? null,
    maximum: counts.at(-1) ?? null,
    distribution: values.map(({ owner, id }) => {
      const entryCount = inside.filter(({ value }) => value === id).length
      return { value: { owner, id }, entryCount, share: rounded(new Big(entryCount).div(inside.length), 6) }
    }),
  }
}

/** STR-1, up to the owner's today. */
export function streakOf(rows: Rows, category: 'hasanaat' | 'saiyyiaat', entries: readonly EntryRow[], today: string) {
  const facts = entries
    .filter(({ date }) => date <= today)
    .map(({ item, date, count, value }) => ({
      item,
      day: daysBetween(today, date),
      value: count ?? rows.values.find(({ id }) => id === value)?.normalized ?? '',
    }))
  const { current, longest } = plainStreak(category === 'hasanaat' ? 'HASANAAT' : 'SAIYYIAAT', facts)
  const dated = (run: typeof current) =>
    run && { length: run.length, from: addDays(today, run.from), to: addDays(today, run.to) }
  return { asOf: today, current: dated(current), longest: dated(longest) }
}
