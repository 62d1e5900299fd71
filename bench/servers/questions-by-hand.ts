// The workloads in the words of bench/peers/common/schema.mjs.
import { rounded } from '../workloads/index.ts'
import type { Ask, Row } from '../workloads/workload.ts'
import type { Questions } from './question.ts'

const inRange = ({ owner, from, to }: Ask) => ({ owner, from, to })
const numberOrNull = (id: string | null) => (id === null ? null : Number(id))

export const questionsByHand: Questions = {
  permission: {
    query:
      'query Permission($owner: ID!, $viewer: ID!, $item: ID!) { access(owner: $owner, viewer: $viewer, item: $item) { mayRead mayRecord } }',
    variables: ({ owner, viewer, item }) => ({ owner, viewer, item }),
    rows: ({ access }) => [access],
  },
  'dashboard-wide': {
    query: `query DashboardWide($owner: ID!, $from: String!, $to: String!) { entries(owner: $owner, from: $from, to: $to, first: 200) {
      id date count notes version scaleValue { name } item { id name level deed { id name category } } } }`,
    variables: inRange,
    rows: ({ entries }) => entries.map(wideRow),
  },
  'dashboard-totals': {
    query: `query DashboardTotals($owner: ID!, $from: String!, $to: String!) {
      totals(owner: $owner, from: $from, to: $to) { category entryCount recordedDays averageScore }
      deedTotals(owner: $owner, from: $from, to: $to) { deedId entryCount recordedDays countTotal averageScore } }`,
    variables: inRange,
    rows: ({ totals, deedTotals }) => [
      ...totals,
      ...deedTotals.map(({ deedId, ...rest }: { deedId: string } & Row) => ({ deed: Number(deedId), ...rest })),
    ],
  },
  hierarchy: {
    query: `query Hierarchy($owner: ID!) { deeds(owner: $owner) { id name category
      items { id parentId level name latestEntry { date count scaleValue { name } } } } }`,
    variables: ({ owner }) => ({ owner }),
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
    rows: ({ deeds }) => deeds.flatMap((deed: any) => deed.items.map((item: any) => itemRow(deed, item))),
  },
  shared: {
    query: `query SharedEntries($owner: ID!, $viewer: ID!, $from: String!, $to: String!) {
      sharedEntries(owner: $owner, viewer: $viewer, from: $from, to: $to, first: 100) {
      id date count notes version scaleValue { name } item { id name level } } }`,
    variables: ({ viewer, ...ask }) => ({ ...inRange({ viewer, ...ask }), viewer }),
    rows: ({ sharedEntries }) => sharedEntries.map(entryRow),
  },
  merits: {
    query:
      'query Merits($owner: ID!, $asOf: String!) { merits(owner: $owner) { id title progress(asOf: $asOf) { ratio value } } }',
    variables: ({ owner, to }) => ({ owner, asOf: to }),
    rows: ({ merits }) =>
      // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
      merits.map(({ id, title, progress: { ratio, value } }: any) => ({
        merit: Number(id),
        title,
        ratio: rounded(ratio),
        value,
      })),
  },
  record: {
    query: `mutation Record($owner: ID!, $item: ID!, $date: String!, $count: String!, $asOf: String!) {
      recordEntry(owner: $owner, item: $item, date: $date, count: $count) {
      written date count merits { id progress(asOf: $asOf) { ratio } } } }`,
    variables: ({ owner, item, date, value, to }) => ({ owner, item, date, count: String(value), asOf: to }),
    rows: ({ recordEntry: { written, date, count } }) => [{ status: written ? 'WRITTEN' : 'UNCHANGED', date, count }],
  },
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function entryRow({ date, count, notes, version, scaleValue, item }: any): Row {
  const value = scaleValue?.name ?? null
  return { date, count, notes, version, value, item: Number(item.id), itemName: item.name, level: item.level }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function wideRow(entry: any): Row {
  const { deed } = entry.item
  return { ...entryRow(entry), deed: Number(deed.id), deedName: deed.name, category: deed.category }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function itemRow(deed: any, { id, parentId, level, name, latestEntry }: any): Row {
  return {
    deed: Number(deed.id),
    deedName: deed.name,
    category: deed.category,
    item: Number(id),
    parent: numberOrNull(parentId),
    level,
    name,
    date: latestEntry?.date ?? null,
    count: latestEntry?.count ?? null,
    value: latestEntry?.scaleValue?.name ?? null,
  }
}
