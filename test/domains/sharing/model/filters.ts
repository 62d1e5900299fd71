// Filters of entries, with ids of what is not seen among them, and who fits them by the schema's words.
import fc from 'fast-check'
import { addDays } from '../../../../src/platform/civil-dates.ts'
import { lastChangeSeen, mayReadNotes } from './entry-answers.ts'
import { entriesOf, ids, todayOf } from './ids.ts'
import type { EntryRow, Rows } from './rows.ts'
import { branchOf, type Seen } from './seen.ts'

/** Places in lists of all there is, instead of ids. */
export interface Filter {
  days?: [number, number]
  deeds?: number[]
  items?: number[]
  includeDescendants?: boolean
  category?: 'HASANAAT' | 'SAIYYIAAT'
  values?: number[]
  minCount?: string
  maxCount?: string
  hasNotes?: boolean
  recordedByOwner?: boolean
}

const places = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 4 })
const conditions = {
  days: fc.constantFrom<[number, number]>([-50, 1], [-4, 0], [-2, 1]),
  deeds: places,
  items: places,
  includeDescendants: fc.boolean(),
  category: fc.constantFrom('HASANAAT' as const, 'SAIYYIAAT' as const),
  values: places,
  minCount: fc.constantFrom('0', '1.25', '2'),
  maxCount: fc.constantFrom('0', '2.5'),
  hasNotes: fc.boolean(),
  recordedByOwner: fc.boolean(),
}
const names = Object.keys(conditions) as (keyof Filter)[]

/** A condition or two: more of them find little. */
export const anyFilter: fc.Arbitrary<Filter> = fc
  .tuple(fc.record(conditions), fc.subarray(names, { minLength: 1, maxLength: 2 }))
  .map(([all, some]) => Object.fromEntries(some.map((name) => [name, all[name]])))

export const orders = ['DATE_ASC', 'DATE_DESC', 'UPDATED_DESC'] as const
export type Order = (typeof orders)[number]

const at = <T>(list: readonly T[], picks: readonly number[]): T[] =>
  list.length === 0 ? [] : picks.flatMap((pick) => list[pick % list.length] ?? [])

/** The filter as it is sent, and the entries that it finds. */
export function filtered(rows: Rows, seen: Seen, filter: Filter, order: Order) {
  const { days, deeds, items, values, includeDescendants, ...plain } = filter
  const { owner } = seen
  const today = todayOf(rows, owner)
  const range = days && { from: addDays(today, days[0]), to: addDays(today, days[1]) }
  const deedRows = deeds && at(rows.deeds, deeds)
  const itemRows = items && at(rows.items, items)
  const valueRows = values && at(rows.values, values)
  const sent = {
    ...plain,
    ...(includeDescendants !== undefined && { includeDescendants }),
    ...(range && { range }),
    ...(deedRows && { deedIds: deedRows.map(ids.deed) }),
    ...(itemRows && { itemIds: itemRows.map(ids.item) }),
    ...(valueRows && { scaleValueIds: valueRows.map(ids.value) }),
  }
  const below = (id: string) => seen.items.filter((item) => item.id === id).flatMap(branchOf)
  const branch = itemRows?.flatMap(({ id }) => [
    id,
    ...(includeDescendants === false ? [] : below(id).map((it) => it.id)),
  ])
  const deedOf = (entry: EntryRow) => seen.deeds.find((deed) => deed.items.some(({ id }) => id === entry.item))
  const fits = (entry: EntryRow) =>
    (!range || (entry.date >= range.from && entry.date <= range.to)) &&
    (!deedRows || deedRows.some(({ id }) => id === deedOf(entry)?.id)) &&
    (!branch || branch.includes(entry.item)) &&
    (plain.category === undefined || deedOf(entry)?.category === plain.category.toLowerCase()) &&
    (!valueRows || valueRows.some(({ id }) => id === entry.value)) &&
    (plain.minCount === undefined || (entry.count !== null && Number(entry.count) >= Number(plain.minCount))) &&
    (plain.maxCount === undefined || (entry.count !== null && Number(entry.count) <= Number(plain.maxCount))) &&
    (plain.hasNotes === undefined || (entry.notes !== null && mayReadNotes(seen, entry)) === plain.hasNotes) &&
    (plain.recordedByOwner === undefined ||
      (lastChangeSeen(rows, seen, entry).writer === owner) === plain.recordedByOwner)
  return { sent, found: entriesOf(rows, seen.items).filter(fits).sort(comparisons(rows, seen)[order]) }
}

const byDate = (a: EntryRow, b: EntryRow) => a.date.localeCompare(b.date) || Number(a.item) - Number(b.item)
const comparisons = (rows: Rows, seen: Seen): Record<Order, (a: EntryRow, b: EntryRow) => number> => ({
  DATE_ASC: byDate,
  DATE_DESC: (a, b) => byDate(b, a),
  UPDATED_DESC: (a, b) => updatedAt(rows, seen, b).localeCompare(updatedAt(rows, seen, a)) || byDate(b, a),
})
const updatedAt = (rows: Rows, seen: Seen, entry: EntryRow) => lastChangeSeen(rows, seen, entry).updatedAt
