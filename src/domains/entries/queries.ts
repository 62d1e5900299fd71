import type { InferResult, SelectQueryBuilder } from 'kysely'
import { sql } from 'kysely'
import { anyOf } from '../../platform/database/any-of.ts'
import { cursorScope, fromCursor } from '../../platform/database/cursors.ts'
import type { KeysetOptions } from '../../platform/database/keyset.ts'
import { checkPageSize, counter, firstPageStatement, keysetPage, pageOf } from '../../platform/database/keyset.ts'
import type { Page } from '../../platform/database/page.ts'
import { builder, prepared, text } from '../../platform/database/prepared.ts'
import type { Database, Tables, UserId } from '../../platform/database/types.ts'
import type { ViewerDatabase } from '../../platform/database/viewer-database.ts'
import { branches } from './queries/branches.ts'
import type { ItemKey } from './queries/visible.ts'
import { entryColumns, isLiveAndVisible, lastChange, notesAreVisible, plainColumns } from './queries/visible.ts'
import { type DateRange, dayCount } from './rules/ranges.ts'

export type { EntryChangePage, EntryChangeRow } from './queries/changes.ts'
export type { EntryValueRow, ItemKey } from './queries/visible.ts'

/** The recorded entries of live items that the viewer may see; a cleared day has none. */
export function visibleEntries(db: Database, viewerId: UserId) {
  return db
    .selectFrom('entries')
    .innerJoin('deed_items', (join) =>
      join
        .onRef('deed_items.user_id', '=', 'entries.user_id')
        .onRef('deed_items.deed_item_id', '=', 'entries.deed_item_id'),
    )
    .where('entries.deleted_at', 'is', null)
    .where(isLiveAndVisible(viewerId))
    .select(entryColumns(viewerId))
}

export type EntryRow = InferResult<ReturnType<typeof visibleEntries>>[number]
export type EntryPage = Page<EntryRow>

/** `date` null is the owner's today. */
export interface DayKey extends ItemKey {
  readonly date: string | null
}

/** What is recorded on these days, one statement for all of them. `askedDate` is the key's. */
export async function entriesOnDays(db: Database, viewerId: UserId, keys: readonly DayKey[]) {
  const today = sql`select user_id, civil_date(now(), time_zone, day_start_minutes) as today
    from users where user_id = any(${keys.filter(({ date }) => date === null).map(({ ownerId }) => ownerId)}::bigint[]) offset 0`
  const isOnDay = sql<boolean>`entries.entry_date = wanted.day`
  // The limit keeps the planner from joining by item and dropping the other days after.
  const entry = visibleEntries(db, viewerId).where(isOfWanted).where(isOnDay).limit(1)
  // The days are settled first: else the entries of all days are read, and then those of other days dropped.
  const { rows } = await sql<EntryRow & { askedDate: string | null }>`
    with wanted as materialized (
      select asked.*, coalesce(asked.on_date, owners.today) as day
      from unnest(${keys.map(({ ownerId }) => ownerId)}::bigint[], ${keys.map(({ itemId }) => itemId)}::bigint[],
        ${keys.map(({ date }) => date)}::date[]) as asked (owner_id, item_id, on_date)
      left join (${today}) as owners on owners.user_id = asked.owner_id
    )
    select entry.*, wanted.on_date as "askedDate"
    from wanted
    cross join lateral (${entry}) as entry`.execute(db)
  return rows
}

/** The entry with the latest date of each item, one statement for all of them. */
export async function latestEntries(db: Database, viewerId: UserId, keys: readonly ItemKey[]) {
  const latest = visibleEntries(db, viewerId).where(isOfWanted).orderBy('entries.entry_date', 'desc').limit(1)
  const { rows } = await sql<EntryRow>`
    select latest.*
    from unnest(${keys.map(({ ownerId }) => ownerId)}::bigint[], ${keys.map(({ itemId }) => itemId)}::bigint[]) as wanted (owner_id, item_id)
    cross join lateral (${latest}) as latest`.execute(db)
  return rows
}

/** The same for all items of an owner, `limit` of them at most: by their ids, null where nothing is recorded. */
export async function latestEntriesOfOwner(db: Database, viewerId: UserId, ownerId: UserId, limit: number) {
  const rows = await latestOfOne(db, { viewerId, ownerId, limit })
  return new Map<string, EntryRow | null>(rows.map((row) => [row.wantedId, row.itemId === null ? null : row]))
}

const latestOfOne = prepared(
  (db, { viewerId, ownerId, limit }: { viewerId: UserId; ownerId: UserId; limit: number }) => {
    const latest = visibleEntries(db, viewerId).where(isOfWanted).orderBy('entries.entry_date', 'desc').limit(1)
    return text(sql<{ wantedId: string } & (EntryRow | { itemId: null })>`
    select wanted.item_id as "wantedId", latest.*
    from (
      select user_id as owner_id, deed_item_id as item_id from deed_items where user_id = ${ownerId} and deleted_at is null limit ${limit}
    ) as wanted
    left join lateral (${latest}) as latest on true`)
  },
)

const isOfWanted = sql<boolean>`entries.user_id = wanted.owner_id and entries.deed_item_id = wanted.item_id`

/** Which entries, joined by AND; ids are of the owner whose entries are read. An empty list finds nothing. */
export interface EntryConditions {
  readonly range?: DateRange | null | undefined
  readonly deedIds?: readonly string[] | null | undefined
  readonly itemIds?: readonly string[] | null | undefined
  /** With the items below `itemIds`, as far as the viewer sees the way down. */
  readonly includeDescendants?: boolean | null | undefined
  readonly category?: 'hasanaat' | 'saiyyiaat' | null | undefined
  readonly scaleValueIds?: readonly string[] | null | undefined
  readonly minCount?: string | null | undefined
  readonly maxCount?: string | null | undefined
  /** Notes that the viewer may not read are none (SHA-8). */
  readonly hasNotes?: boolean | null | undefined
  readonly recordedByOwner?: boolean | null | undefined
}

export type EntryOrder = 'DATE_ASC' | 'DATE_DESC' | 'UPDATED_DESC'

export interface EntryPageOptions {
  readonly conditions?: EntryConditions | null | undefined
  readonly orderBy?: EntryOrder | null | undefined
  readonly first: number
  readonly after?: string | null | undefined
  /** Nothing but `plainColumns` is looked at, and no cursor: the page may come without the rest. */
  readonly isPlain?: boolean
}

const maxPage = 500

/** A page of an owner's entries, 1..500. Sorted one way throughout, so that an index answers by date and ties are by item. */
export async function entriesOfOwner(
  db: ViewerDatabase,
  viewerId: UserId,
  ownerId: UserId,
  { conditions, orderBy, first, after, isPlain = false }: EntryPageOptions,
): Promise<EntryPage> {
  const order = orderBy ?? 'DATE_DESC'
  const wanted = conditions ?? {}
  const { range } = wanted
  if (range && after == null && order === 'DATE_DESC' && isQuick(order, wanted) && isShort(range, first))
    return latestOfRange(
      db,
      { viewerId, ownerId, ...range },
      { first, isPlain, scope: ['entries', ownerId, order, wanted] },
    )
  const visible = visibleEntries(db, viewerId).where('entries.user_id', '=', ownerId)
  const entries = narrowed(visible, viewerId, ownerId, wanted)
  const scope = ['entries', ownerId, order, wanted]
  const options = { order: columnsOf(order, viewerId), first, after, max: maxPage, scope }
  if (!isQuick(order, wanted)) return keysetPage(db.long, entries, options)
  return order === 'DATE_DESC' ? latestFirst(db, entries, options, wanted.range) : keysetPage(db, entries, options)
}

/**
 * The page out of the last days alone where they fill it, as they do for whoever records once a day. To the planner the policies seem to
 * leave a handful of rows, so that it reads and sorts all there are; of these days that is little.
 */
async function latestFirst<Row>(
  db: Database,
  entries: EntryQuery<Row>,
  options: KeysetOptions,
  range: DateRange | null | undefined,
): Promise<Page<Row>> {
  const { first, after, order, scope } = options
  const [day] = after == null ? [] : fromCursor(after, cursorScope(scope), order.length)
  const last = day ?? range?.to
  // Nobody's tomorrow is later than two days from the day in UTC.
  const end = last === undefined ? sql`current_date + 2` : sql`${last}::date`
  // Days before the range hold nothing of it.
  if (last !== undefined && range && isShort({ from: range.from, to: last }, first))
    return keysetPage(db, entries, options)
  const days = first + fewDays
  const recent = entries.where(sql<boolean>`entries.entry_date > ${end} - ${days}::integer`)
  const page = await keysetPage(db, recent, options)
  return page.hasNextPage ? { ...page, countAll: counter(db, () => entries) } : keysetPage(db, entries, options)
}

const fewDays = 7

/** Whether these days hold about a page, for whoever records once a day. */
const isShort = (range: DateRange, first: number) => dayCount(range) <= first + fewDays

type DaysOfOwner = { viewerId: UserId; ownerId: UserId } & DateRange

/** The first page of a few days, the latest first: what every dashboard asks, so its statement is written once. */
async function latestOfRange(
  db: Database,
  days: DaysOfOwner,
  { isPlain, ...page }: Pick<KeysetOptions, 'first' | 'scope'> & { isPlain: boolean },
): Promise<EntryPage> {
  checkPageSize(page.first, maxPage)
  const values = { ...days, limit: page.first + 1 }
  const rows = await (isPlain ? plainOfRange(db, values) : firstOfRange(db, values))
  return pageOf<EntryRow>(
    rows,
    page,
    counter(db, () => ofRange(db, days)),
  )
}

const firstOfRange = prepared((db, values: DaysOfOwner & { limit: number }) =>
  builder(firstPageStatement(ofRange(db, values), datewise.DATE_DESC, values.limit)),
)

const plainOfRange = prepared((db, values: DaysOfOwner & { limit: number }) =>
  builder(
    ofRange(db, values)
      .clearSelect()
      .select(plainColumns(values.viewerId))
      .orderBy('entries.entry_date', 'desc')
      .orderBy('entries.deed_item_id', 'desc')
      .limit(sql<number>`${values.limit}`) as unknown as ReturnType<typeof ofRange>,
  ),
)

function ofRange(db: Database, { viewerId, ownerId, from, to }: DaysOfOwner) {
  return within(visibleEntries(db, viewerId).where('entries.user_id', '=', ownerId), { from, to })
}

const byDate = ['entries.entry_date', 'entries.deed_item_id']
const datewise = {
  DATE_ASC: byDate.map((column) => ({ column, direction: 'asc' as const })),
  DATE_DESC: byDate.map((column) => ({ column, direction: 'desc' as const })),
}

function columnsOf(order: EntryOrder, viewerId: UserId): KeysetOptions['order'] {
  if (order !== 'UPDATED_DESC') return datewise[order]
  return [{ column: lastChange('updated_at', viewerId), direction: 'desc' }, ...datewise.DATE_DESC]
}

/** A page of one item's entries, 1..500, the latest day first. */
export function entriesOfItem(
  db: Database,
  viewerId: UserId,
  { ownerId, itemId }: ItemKey,
  { range, first, after }: { range?: DateRange | null | undefined; first: number; after?: string | null | undefined },
): Promise<EntryPage> {
  const entries = visibleEntries(db, viewerId)
    .where('entries.user_id', '=', ownerId)
    .where('entries.deed_item_id', '=', itemId)
  const options = {
    order: [{ column: 'entries.entry_date', direction: 'desc' as const }],
    first,
    after,
    max: maxPage,
    scope: ['entriesOfItem', ownerId, itemId, range ?? null],
  }
  return latestFirst(db, range ? within(entries, range) : entries, options, range)
}

/** Whether the index by date leads to the page without passing many others on the way: else nobody shall wait behind it. */
function isQuick(order: EntryOrder, { range: _, ...others }: EntryConditions): boolean {
  const { includeDescendants: __, ...conditions } = others
  return order !== 'UPDATED_DESC' && Object.values(conditions).every((condition) => condition == null)
}

type EntryQuery<Row> = SelectQueryBuilder<Tables, 'entries' | 'deed_items', Row>

function within<Row>(entries: EntryQuery<Row>, { from, to }: DateRange): EntryQuery<Row> {
  return entries.where('entries.entry_date', '>=', from).where('entries.entry_date', '<=', to)
}

function narrowed<Row>(
  all: EntryQuery<Row>,
  viewerId: UserId,
  ownerId: UserId,
  conditions: EntryConditions,
): EntryQuery<Row> {
  const { range, deedIds, itemIds, category, scaleValueIds, minCount, maxCount, hasNotes, recordedByOwner } = conditions
  let entries = range ? within(all, range) : all
  if (deedIds) entries = entries.where('deed_items.deed_id', '=', anyOf(deedIds))
  if (itemIds)
    entries = entries.where('entries.deed_item_id', 'in', branches(ownerId, itemIds, conditions.includeDescendants))
  if (category) entries = entries.where(isOfCategory(category))
  if (scaleValueIds) entries = entries.where('entries.scale_value_id', '=', anyOf(scaleValueIds))
  if (minCount != null) entries = entries.where('entries.count_value', '>=', minCount)
  if (maxCount != null) entries = entries.where('entries.count_value', '<=', maxCount)
  if (hasNotes != null) {
    entries = entries.where(
      sql<boolean>`(entries.notes is not null and ${notesAreVisible('entries', viewerId)}) = ${hasNotes}`,
    )
  }
  if (recordedByOwner != null) {
    entries = entries.where(
      sql<boolean>`(${lastChange('updated_by_user_id', viewerId)} = entries.user_id) = ${recordedByOwner}`,
    )
  }
  return entries
}

function isOfCategory(category: 'hasanaat' | 'saiyyiaat') {
  return sql<boolean>`exists (
    select from deeds
    where deeds.user_id = deed_items.user_id and deeds.deed_id = deed_items.deed_id and deeds.category_type = ${category}
  )`
}
