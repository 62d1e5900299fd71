// What the document about a person answers, from what is seen: the reference that the service is held against.
import { addDays } from '../../../../src/platform/civil-dates.ts'
import { type Range, statisticsOf, streakOf } from './amounts.ts'
import { entriesOf, idOf, ids, instant, todayOf } from './ids.ts'
import type { Rows } from './rows.ts'
import { branchOf, type Seen, type SeenDeed, type SeenItem } from './seen.ts'

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
