// The workloads in the words of the schema that PostGraphile makes of the tables and of bench/peers/postgraphile/functions.sql.
import { rounded } from '../workloads/index.ts'
import type { Ask, Row } from '../workloads/workload.ts'
import type { Questions } from './question.ts'

const inRange = ({ owner, from, to }: Ask) => ({ owner, from, to })
const value = 'scaleValueByUserIdAndScaleIdAndScaleValueId { valueName }'
const item = 'deedItemByUserIdAndDeedItemId'

export const questionsPostgraphile: Questions = {
  permission: {
    query:
      'query Permission($owner: BigInt, $viewer: BigInt, $item: BigInt) { accessOfList(owner: $owner, viewer: $viewer, item: $item) { mayWrite } }',
    variables: ({ owner, viewer, item }) => ({ owner, viewer, item }),
    rows: ({ accessOfList: [access] }) => [{ mayRead: access !== undefined, mayRecord: access?.mayWrite === true }],
  },
  'dashboard-wide': {
    query: `query DashboardWide($owner: BigInt, $from: Date, $to: Date) { entriesOfList(owner: $owner, fromDate: $from, toDate: $to, first: 200) {
      id entryDate countValue notes version ${value} ${item} { deedItemId name level deedByUserIdAndDeedId { deedId name categoryType } } } }`,
    variables: inRange,
    rows: ({ entriesOfList }) => entriesOfList.map(wideRow),
  },
  'dashboard-totals': {
    query: `query DashboardTotals($owner: BigInt, $from: Date, $to: Date) { totalsOfList(owner: $owner, fromDate: $from, toDate: $to) {
      category deed entryCount recordedDays countTotal averageScore } }`,
    variables: inRange,
    rows: ({ totalsOfList }) =>
      totalsOfList.map(({ category, deed, countTotal, ...rest }: Row) =>
        deed === null ? { category, ...rest } : { deed: Number(deed), countTotal, ...rest },
      ),
  },
  hierarchy: {
    query: `query Hierarchy($owner: BigInt) { deedsOfList(owner: $owner) { deedId name categoryType
      deedItemsByUserIdAndDeedIdList { deedItemId parentDeedItemId level name
      entriesByUserIdAndDeedItemIdList(orderBy: PRIMARY_KEY_DESC, first: 1) { entryDate countValue ${value} } } } }`,
    variables: ({ owner }) => ({ owner }),
    rows: ({ deedsOfList }) =>
      // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
      deedsOfList.flatMap((deed: any) => deed.deedItemsByUserIdAndDeedIdList.map((each: any) => itemRow(deed, each))),
  },
  shared: {
    query: `query SharedEntries($owner: BigInt, $viewer: BigInt, $from: Date, $to: Date) {
      sharedEntriesOfList(owner: $owner, viewer: $viewer, fromDate: $from, toDate: $to, first: 100) {
      id entryDate countValue notes version ${value} ${item} { deedItemId name level } } }`,
    variables: ({ viewer, ...ask }) => ({ ...inRange({ viewer, ...ask }), viewer }),
    rows: ({ sharedEntriesOfList }) => sharedEntriesOfList.map(entryRow),
  },
  merits: {
    query:
      'query Merits($owner: BigInt, $asOf: Date) { meritsOfList(owner: $owner) { goalId title progress(asOf: $asOf) { ratio value } } }',
    variables: ({ owner, to }) => ({ owner, asOf: to }),
    rows: ({ meritsOfList }) =>
      // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
      meritsOfList.map(({ goalId, title, progress }: any) => ({
        merit: Number(goalId),
        title,
        ratio: rounded(progress.ratio),
        value: progress.value,
      })),
  },
  record: {
    query:
      'mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { result { written date count progress } } }',
    variables: ({ owner, item, date, value }) => ({ input: { owner, item, date, count: String(value) } }),
    rows: ({ recordEntry: { result } }) => [
      { status: result.written ? 'WRITTEN' : 'UNCHANGED', date: result.date, count: result.count },
    ],
  },
}

/** Amounts come with all their decimals: 3.000. */
const trimmed = (amount: string | null) => (amount === null ? null : amount.replace(/\.?0+$/, ''))

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function entryRow(entry: any): Row {
  const { deedItemId, name, level } = entry[item]
  const { entryDate, countValue, notes, version, scaleValueByUserIdAndScaleIdAndScaleValueId: scale } = entry
  return {
    date: entryDate,
    count: trimmed(countValue),
    notes,
    version,
    value: scale?.valueName ?? null,
    item: Number(deedItemId),
    itemName: name,
    level,
  }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function wideRow(entry: any): Row {
  const { deedId, name, categoryType } = entry[item].deedByUserIdAndDeedId
  return { ...entryRow(entry), deed: Number(deedId), deedName: name, category: categoryType.toUpperCase() }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
function itemRow(deed: any, each: any): Row {
  const [latest] = each.entriesByUserIdAndDeedItemIdList
  return {
    deed: Number(deed.deedId),
    deedName: deed.name,
    category: deed.categoryType.toUpperCase(),
    item: Number(each.deedItemId),
    parent: each.parentDeedItemId === null ? null : Number(each.parentDeedItemId),
    level: each.level,
    name: each.name,
    date: latest?.entryDate ?? null,
    count: trimmed(latest?.countValue ?? null),
    value: latest?.scaleValueByUserIdAndScaleIdAndScaleValueId?.valueName ?? null,
  }
}
