// What a dashboard answers.
import { addDays, daysBetween } from '../../../../src/platform/civil-dates.ts'
import { averageScore, type Range, totalsOf, within } from './amounts.ts'
import { entriesOf, idOf, ids, todayOf } from './ids.ts'
import type { EntryRow, Rows } from './rows.ts'
import type { Seen, SeenItem } from './seen.ts'

export function dashboardAnswer(rows: Rows, seen: Seen, range: Range) {
  const days = daysBetween(range.from, range.to) + 1
  const before = { from: addDays(range.from, -days), to: addDays(range.from, -1) }
  return {
    ...dashboardAmounts(rows, seen, range),
    months: linesOf(rows, seen, range, 'CATEGORY', (date) => `${date.slice(0, 8)}01`),
    weeks: linesOf(rows, seen, range, 'DEED', monday),
    days: linesOf(rows, seen, range, 'ITEM', (date) => date),
    previous: dashboardAmounts(rows, seen, before),
  }
}

function dashboardAmounts(rows: Rows, seen: Seen, range: Range) {
  const today = todayOf(rows, seen.owner)
  const amounts = (items: readonly SeenItem[]) => totalsOf(rows, entriesOf(rows, items), range, today)
  const categories = [...new Set(seen.deeds.map(({ category }) => category))]
  return {
    ...range,
    isPartial: range.to >= today,
    totals: categories.map((category) => {
      const { entryCount, recordedDays, averageScore } = amounts(itemsOf(seen, category))
      return { category: category.toUpperCase(), entryCount, recordedDays, averageScore }
    }),
    deeds: seen.deeds.map((deed) => ({ deed: idOf(ids.deed(deed)), ...amounts(deed.items) })),
    items: seen.items.map((item) => ({ item: idOf(ids.item(item)), ...amounts([item]) })),
  }
}

const itemsOf = (seen: Seen, category: string) =>
  seen.deeds.filter((deed) => deed.category === category).flatMap(({ items }) => items)

function linesOf(
  rows: Rows,
  seen: Seen,
  range: Range,
  by: 'CATEGORY' | 'DEED' | 'ITEM',
  start: (date: string) => string,
) {
  const points = (items: readonly SeenItem[]) => pointsOf(rows, within(entriesOf(rows, items), range), range, by, start)
  if (by === 'CATEGORY') {
    return [...new Set(seen.deeds.map(({ category }) => category))].map((category) => ({
      category: category.toUpperCase(),
      deed: null,
      item: null,
      points: points(itemsOf(seen, category)),
    }))
  }
  return seen.deeds.flatMap((deed) => {
    const line = { category: deed.category.toUpperCase(), deed: idOf(ids.deed(deed)) }
    const lines: (SeenItem | null)[] = by === 'DEED' ? [null] : deed.items
    return lines.map((item) => ({
      ...line,
      item: item && idOf(ids.item(item)),
      points: points(item ? [item] : deed.items),
    }))
  })
}

function pointsOf(rows: Rows, entries: EntryRow[], range: Range, by: string, start: (date: string) => string) {
  const dates: string[] = []
  for (let date = range.from; date <= range.to; date = addDays(date, 1)) dates.push(date)
  const startOf = (date: string) => (start(date) < range.from ? range.from : start(date))
  return [...new Set(dates.map(startOf))].map((date) => {
    const inside = entries.filter((entry) => startOf(entry.date) === date)
    const { countTotal } = totalsOf(rows, inside, range, range.to)
    return {
      date,
      entryCount: inside.length,
      countTotal: by === 'CATEGORY' ? null : countTotal,
      averageScore: averageScore(rows, inside),
    }
  })
}

function monday(date: string): string {
  return addDays(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7))
}
