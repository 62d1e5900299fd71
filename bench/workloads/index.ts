import type { WorldSize } from '../world/database.ts'
import { type Ask, anybody, daysBefore, firstItem, itemId, type Row, userId, type Workload } from './workload.ts'

const own =
  (days: number) =>
  (size: WorldSize, random: () => number): Ask => {
    const viewer = anybody(size, random)
    return { ...blank(size), viewer, owner: viewer, from: daysBefore(size.until, days - 1), to: size.until }
  }

const ofNext =
  (days: number) =>
  (size: WorldSize, random: () => number): Ask => {
    const viewer = anybody(size, random)
    const item = firstItem(viewer + 1) + Math.floor(random() * 12)
    return { ...blank(size), viewer, owner: viewer + 1, item, from: daysBefore(size.until, days - 1), to: size.until }
  }

function blank({ until }: WorldSize): Ask {
  return { viewer: 1, owner: 1, item: 1, from: until, to: until, date: until, value: 0 }
}

const range = ({ from, to }: Ask) => ({ from, to })

export const permissionCheck: Workload = {
  name: 'permission',
  title: 'permission check',
  goal: 0.45,
  asks: ofNext(1),
  kitaab: {
    query: 'query Permission($id: ID!) { node(id: $id) { ... on DeedItem { viewerMay } } }',
    variables: ({ owner, item }) => ({ id: itemId(owner, item) }),
    rows: (data) => [
      {
        mayRead: data?.node?.viewerMay.includes('READ') ?? false,
        mayRecord: data?.node?.viewerMay.includes('RECORD') ?? false,
      },
    ],
  },
}

export const dashboardWide: Workload = {
  name: 'dashboard-wide',
  title: 'dashboard, 180 entries with item and deed',
  goal: 0.5,
  asks: own(30),
  kitaab: {
    query: `query DashboardWide($range: DateRange) { me { user { entries(filter: { range: $range }, orderBy: DATE_DESC, first: 200) {
      nodes { id date count notes version scaleValue { name } item { id name level deed { id name category } } } } } } }`,
    variables: (ask) => ({ range: range(ask) }),
    rows: (data) => data.me.user.entries.nodes.map(entryRow),
  },
}

export const dashboardTotals: Workload = {
  name: 'dashboard-totals',
  title: 'dashboard, aggregates only',
  goal: 0.6,
  asks: own(30),
  kitaab: {
    query: `query DashboardTotals($range: DateRange) { me { user { dashboard(range: $range) {
      totals { category entryCount recordedDays averageScore }
      deeds { deed { id } entryCount recordedDays countTotal averageScore } } } } }`,
    variables: (ask) => ({ range: range(ask) }),
    rows: ({ me: { user } }) => [
      ...user.dashboard.totals.map(({ category, entryCount, recordedDays, averageScore }: Row) => ({
        category,
        entryCount,
        recordedDays,
        averageScore,
      })),
      ...user.dashboard.deeds.map(({ deed, ...rest }: { deed: Row } & Row) => ({ deed: numberOf(deed.id), ...rest })),
    ],
  },
}

export const hierarchy: Workload = {
  name: 'hierarchy',
  title: 'hierarchy: 3 deeds, 36 items, latest entries',
  goal: 0.5,
  asks: own(1),
  kitaab: {
    query: `query Hierarchy { me { user { deeds { id name category
      itemTree { id parentId level name latestEntry { date count scaleValue { name } } } } } } }`,
    variables: () => ({}),
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
    rows: ({ me }) => me.user.deeds.flatMap((deed: any) => deed.itemTree.map((item: any) => itemRow(deed, item))),
  },
}

export const sharedEntries: Workload = {
  name: 'shared',
  title: "another user's shared entries",
  goal: 0.7,
  asks: ofNext(60),
  kitaab: {
    query: `query SharedEntries($id: ID!, $range: DateRange) { user(id: $id) { entries(filter: { range: $range }, orderBy: DATE_DESC, first: 100) {
      nodes { id date count notes version scaleValue { name } item { id name level } } } } }`,
    variables: (ask) => ({ id: userId(ask.owner), range: range(ask) }),
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
    rows: ({ user }) => user.entries.nodes.map((node: any) => sharedRow(node)),
  },
}

export const merits: Workload = {
  name: 'merits',
  title: "two merits' progress over 90 days",
  goal: 0.6,
  asks: own(1),
  kitaab: {
    query: `query Merits($asOf: Date) { me { merits(first: 10) { nodes { id title progress(asOf: $asOf) { ratio items { value } } } } } }`,
    variables: ({ to }) => ({ asOf: to }),
    rows: ({ me }) =>
      me.merits.nodes
        // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
        .map(({ id, title, progress }: any) => ({
          merit: numberOf(id),
          title,
          ratio: rounded(progress.ratio),
          value: progress.items[0].value,
        }))
        .sort((a: Row, b: Row) => Number(a.merit) - Number(b.merit)),
  },
}

export const record: Workload = {
  name: 'record',
  title: 'record an entry: upsert, history, progress',
  goal: 0.7,
  writes: true,
  asks: (size, random) => {
    const viewer = anybody(size, random)
    // Pages of the Quran, which the second merit counts.
    const item = firstItem(viewer) + 13 + Math.floor(random() * 5)
    const date = daysBefore(size.until, Math.floor(random() * 50))
    return { ...blank(size), viewer, owner: viewer, item, date, value: Math.floor(random() * 20) }
  },
  kitaab: {
    query: `mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) {
      status entry { id date count version } goals { id progress { ratio } } } }`,
    variables: ({ owner, item, date, value }) => ({
      input: { itemId: itemId(owner, item), date, count: String(value) },
    }),
    rows: ({ recordEntry: { status, entry } }) => [
      { status: status === 'UNCHANGED' ? status : 'WRITTEN', date: entry.date, count: entry.count },
    ],
  },
}

export const analytics: Workload = {
  name: 'analytics',
  title: 'analytics, all people by category, a month',
  goal: 1,
  // Asked by the analyst, who is the last person.
  asks: (size, random) => {
    const month = daysBefore(size.until, Math.floor(random() * size.days)).slice(0, 7)
    return { ...blank(size), viewer: size.users, from: `${month}-01`, to: `${month}-28` }
  },
  kitaab: {
    query: `query Analytics($range: DateRange) { analytics { totals(range: $range, by: MONTH) {
      from category people entryCount recordedDays averageScore } } }`,
    variables: (ask) => ({ range: range(ask) }),
    rows: (data) => data.analytics.totals,
  },
}

export const workloads: readonly Workload[] = [
  permissionCheck,
  dashboardWide,
  dashboardTotals,
  hierarchy,
  sharedEntries,
  merits,
  analytics,
  record,
]

/** The last number in an id. */
export function numberOf(id: unknown): number {
  const parts = Buffer.from(String(id), 'base64url').toString().split(':')
  return Number(parts[parts.length - 1])
}

export function rounded(ratio: number): number {
  return Math.round(ratio * 1_000_000) / 1_000_000
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function entryRow({ date, count, notes, version, scaleValue, item }: any): Row {
  const { deed } = item
  return {
    date,
    count,
    notes,
    version,
    value: scaleValue?.name ?? null,
    item: numberOf(item.id),
    itemName: item.name,
    level: item.level,
    deed: numberOf(deed.id),
    deedName: deed.name,
    category: deed.category,
  }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function sharedRow({ date, count, notes, version, scaleValue, item }: any): Row {
  const value = scaleValue?.name ?? null
  return { date, count, notes, version, value, item: numberOf(item.id), itemName: item.name, level: item.level }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function itemRow(deed: any, { id, parentId, level, name, latestEntry }: any): Row {
  return {
    deed: numberOf(deed.id),
    deedName: deed.name,
    category: deed.category,
    item: numberOf(id),
    parent: parentId === null ? null : numberOf(parentId),
    level,
    name,
    date: latestEntry?.date ?? null,
    count: latestEntry?.count ?? null,
    value: latestEntry?.scaleValue?.name ?? null,
  }
}
