// What the wide documents answer, from what is seen: the reference that the service is held against.
import { addDays, daysBetween } from '../../../../src/platform/civil-dates.ts'
import { toGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { averageScore, type Range, statisticsOf, streakOf, totalsOf, within } from './amounts.ts'
import type { ChangeRow, EntryRow, Held, RelationRow, Rows } from './rows.ts'
import { branchOf, type Seen, type SeenDeed, type SeenItem } from './seen.ts'

export const ids = {
  user: (userId: string) => toGlobalId('User', { userId }),
  deed: ({ owner, id }: { owner: string; id: string }) => toGlobalId('Deed', { ownerId: owner, deedId: id }),
  item: ({ owner, id }: { owner: string; id: string }) => toGlobalId('DeedItem', { ownerId: owner, itemId: id }),
  scale: ({ owner, id }: { owner: string; id: string }) => toGlobalId('Scale', { ownerId: owner, scaleId: id }),
  value: ({ owner, id }: { owner: string; id: string }) =>
    toGlobalId('ScaleValue', { ownerId: owner, scaleValueId: id }),
  entry: ({ owner, item, date }: { owner: string; item: string; date: string }) =>
    toGlobalId('Entry', { ownerId: owner, itemId: item, date }),
  /** Each of the two has a side of their own: the one who asked their request. */
  relation: ({ owner, requester, id, request }: RelationRow, viewer: string) =>
    viewer === owner
      ? toGlobalId('Relation', { ownerId: owner, direction: 'received', relationId: id })
      : toGlobalId('Relation', { ownerId: requester, direction: 'sent', relationId: request ?? '' }),
  change: ({ owner, id }: { owner: string; id: string }) => toGlobalId('EntryChange', { ownerId: owner, changeId: id }),
}
const idOf = (id: string) => ({ id })
export const instant = (text: string) => text.replace(/\+00:00$/, 'Z')
const newestFirst = (a: EntryRow, b: EntryRow) => b.date.localeCompare(a.date) || Number(b.item) - Number(a.item)

export function todayOf(rows: Rows, owner: string): string {
  return rows.users.find(({ id }) => id === owner)?.today ?? ''
}

/** The recorded entries of these items, the latest first. */
export function entriesOf(rows: Rows, items: readonly SeenItem[]): EntryRow[] {
  const wanted = new Set(items.map(({ id }) => id))
  return rows.entries.filter((entry) => entry.isLive && wanted.has(entry.item)).sort(newestFirst)
}

export function personAnswer(rows: Rows, seen: Seen, { range, day }: { range: Range; day: string }) {
  const { owner, viewer } = seen
  const relations = rows.relations.filter(
    ({ isLive, status, requester, owner: requestee }) =>
      isLive && status === 'accepted' && [requester, requestee].every((id) => id === viewer || id === owner),
  )
  // Of two the one that the viewer asked for.
  const relation = relations.find(({ requester }) => requester === viewer) ?? relations[0]
  return {
    id: ids.user(owner),
    fullName: rows.users.find(({ id }) => id === owner)?.fullName,
    username: null,
    today: todayOf(rows, owner),
    relation: relation && {
      id: ids.relation(relation, viewer),
      direction: relation.requester === viewer ? 'SENT' : 'RECEIVED',
      status: 'ACCEPTED',
    },
    deeds: seen.deeds.map((deed) => deedAnswer(rows, deed, range, day)),
    good: seen.deeds.filter(({ category }) => category === 'hasanaat').map((deed) => idOf(ids.deed(deed))),
  }
}

function deedAnswer(rows: Rows, deed: SeenDeed, range: Range, day: string) {
  const today = todayOf(rows, deed.owner)
  const entries = entriesOf(rows, deed.items)
  const scales = rows.scales.filter((scale) => scale.deed === deed.id).sort((a, b) => a.number - b.number)
  const isInEffect = ({ from, to }: { from: string | null; to: string | null }) =>
    (from === null || from <= today) && (to === null || to >= today)
  const scale = scales.find(isInEffect)
  return {
    id: ids.deed(deed),
    owner: idOf(ids.user(deed.owner)),
    category: deed.category.toUpperCase(),
    name: deed.name,
    description: null,
    measure: deed.measure.toUpperCase(),
    unit: deed.unit,
    displayOrder: deed.place,
    isHidden: false,
    version: 1,
    createdAt: instant(deed.items.map((item) => item.createdAt).sort()[0] ?? ''),
    updatedAt: instant(
      deed.items
        .map((item) => item.createdAt)
        .sort()
        .at(-1) ?? '',
    ),
    itemCount: deed.items.length,
    items: deed.tops.map((top) => ({ id: ids.item(top), children: top.children.map((item) => idOf(ids.item(item))) })),
    itemTree: deed.items.map((item) => itemAnswer(rows, deed, item, range, day)),
    highest: deed.tops.map((item) => idOf(ids.item(item))),
    scale: scale ? idOf(ids.scale(scale)) : null,
    scales: scales.map((version) => scaleAnswer(rows, deed, version)),
    statistics: statisticsAnswer(statisticsOf(rows, entries, range, today)),
    streak: streakOf(rows, deed.category, entries, today),
    merits: { totalCount: 0, nodes: [] },
  }
}

function scaleAnswer(rows: Rows, deed: SeenDeed, scale: Rows['scales'][number]) {
  const used = rows.entries.filter(({ item, scale: id }) => id === scale.id && deed.items.some((it) => it.id === item))
  const values = rows.values.filter((value) => value.scale === scale.id).sort((a, b) => a.order - b.order)
  return {
    id: ids.scale(scale),
    versionNumber: scale.number,
    effectiveFrom: scale.from,
    effectiveTo: scale.to,
    isLocked: used.length > 0,
    values: values.map((value) => ({
      id: ids.value(value),
      name: value.name,
      order: value.order,
      score: value.score,
      normalizedScore: value.normalized,
      color: value.color,
      lineageKey: value.lineage,
    })),
  }
}

function itemAnswer(rows: Rows, deed: SeenDeed, item: SeenItem, range: Range, day: string) {
  const today = todayOf(rows, item.owner)
  const own = entriesOf(rows, [item])
  const branch = entriesOf(rows, branchOf(item))
  const on = (date: string) => own.find((entry) => entry.date === date)
  const [dated, now, latest] = [on(day), on(today), own[0]]
  const path: SeenItem[] = []
  for (let at: SeenItem | null = item; at; at = at.parent) path.unshift(at)
  return {
    id: ids.item(item),
    deed: idOf(ids.deed(deed)),
    parentId: item.parent && ids.item(item.parent),
    parent: item.parent && idOf(ids.item(item.parent)),
    children: item.children.map((child) => idOf(ids.item(child))),
    hasChildren: item.children.length > 0,
    path: path.map((step) => idOf(ids.item(step))),
    level: item.depth,
    name: item.name,
    description: item.description,
    displayOrder: item.place,
    isHidden: item.isHidden,
    isPrivate: false,
    version: 1,
    viewerMay: item.mayRecord ? ['READ', 'RECORD'] : ['READ'],
    entry: dated ? { id: ids.entry(dated), count: dated.count } : null,
    today: now ? idOf(ids.entry(now)) : null,
    latestEntry: latest ? idOf(ids.entry(latest)) : null,
    entries: {
      totalCount: own.length,
      nodes: own.slice(0, 3).map((entry) => idOf(ids.entry(entry))),
      pageInfo: { hasNextPage: own.length > 3 },
    },
    statistics: statisticsAnswer(statisticsOf(rows, branch, range, today)),
    alone: statisticsAnswer(statisticsOf(rows, own, { from: addDays(today, -29), to: today }, today)),
    streak: streakOf(rows, deed.category, branch, today),
  }
}

function statisticsAnswer({ distribution, ...amounts }: ReturnType<typeof statisticsOf>) {
  const shares = distribution.map(({ value, ...share }) => ({ scaleValue: idOf(ids.value(value)), ...share }))
  return { ...amounts, distribution: shares }
}

// ------------------------------------------------------------------------------------------------ entries

/** SHA-6 The version of an entry, and by whom, when and from where it got it: of the changes that this viewer is told of. */
export function lastChangeSeen(rows: Rows, seen: Seen, entry: EntryRow) {
  const { version, writer, origin, updatedAt } = entry
  if (mayReadNotes(seen, entry)) return { version, writer, origin, updatedAt }
  const [last, ...others] = changesSeen(rows, seen, entry)
  if (!last) throw new Error('An entry that was never recorded.')
  return { version: others.length + 1, writer: last.writer, origin: last.origin, updatedAt: last.at }
}

export function entryAnswer(rows: Rows, seen: Seen, entry: EntryRow) {
  const changes = changesSeen(rows, seen, entry)
  const { version, writer, origin, updatedAt } = lastChangeSeen(rows, seen, entry)
  return {
    id: ids.entry(entry),
    owner: idOf(ids.user(entry.owner)),
    item: idOf(ids.item({ owner: entry.owner, id: entry.item })),
    date: entry.date,
    ...heldAnswer(entry, entry.owner, mayReadNotes(seen, entry)),
    recordedBy: actorAnswer(seen, writer),
    origin: origin.toUpperCase(),
    version,
    createdAt: instant(entry.createdAt),
    updatedAt: instant(updatedAt),
    history: {
      totalCount: changes.length,
      nodes: changes.map((change) => ({
        id: ids.change(change),
        action: change.action.toUpperCase(),
        oldValue: change.old && heldAnswer(change.old, change.owner, mayReadNotes(seen, entry)),
        newValue: change.new && heldAnswer(change.new, change.owner, mayReadNotes(seen, entry)),
        changedAt: instant(change.at),
        changedBy: actorAnswer(seen, change.writer),
        origin: change.origin.toUpperCase(),
      })),
    },
  }
}

export const mayReadNotes = (seen: Seen, { item }: { item: string }) =>
  seen.items.some(({ id, notes }) => id === item && notes)

/** SHA-6 A change of notes alone is none to those who may not read them. */
export function changesSeen(rows: Rows, seen: Seen, { item, date }: { item: string; date: string }): ChangeRow[] {
  const same = ({ old, new: later }: ChangeRow) =>
    old !== null && later !== null && old.count === later.count && old.value === later.value
  return rows.changes
    .filter((change) => change.item === item && change.date === date)
    .filter((change) => mayReadNotes(seen, change) || !same(change))
    .sort((a, b) => b.at.localeCompare(a.at) || Number(b.id) - Number(a.id))
}

function heldAnswer({ count, value, notes }: Held, owner: string, withNotes: boolean) {
  return { count, scaleValue: value && idOf(ids.value({ owner, id: value })), notes: withNotes ? notes : null }
}

/** SHA-6 The owner, oneself or null. */
function actorAnswer({ owner, viewer }: Seen, writer: string) {
  return writer === owner || writer === viewer ? idOf(ids.user(writer)) : null
}

// ------------------------------------------------------------------------------------------------ dashboard

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
