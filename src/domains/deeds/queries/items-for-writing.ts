import { sql } from 'kysely'
import type { CategoryType, MeasureType } from '../../../generated/database.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { type ItemKey, visibleItems } from '../queries.ts'

/** An item and a day to write an entry on; without a date the owner's today (DAY-5). */
export interface ItemOnDay extends ItemKey {
  date: string | null
}

/** What must be known before an entry is written. */
export interface ItemForWriting extends ItemKey {
  /** Place in the list that was asked for, from 0: rows come in that order, those that the viewer may not see are missing. */
  place: number
  deedId: string
  measure: MeasureType
  category: CategoryType
  /** The day as asked for, else the owner's today. */
  date: string
  /** The owner's civil date now (DAY-1). */
  today: string
  /** SCA-4 The version of the scale in effect on `date`; null for counts. */
  scaleId: string | null
  /** Whether the viewer is the owner, who may all of it. */
  isOwn: boolean
  mayRecord: boolean
  sharesNotes: boolean
  /** How many days before `today` one may record; null for the owner. */
  backfillDays: number | null
}

/**
 * Everything that rules ask about the items that are to be written, in one statement. Of other owners only those that the
 * transaction (or `db.reading`) declared show anything.
 */
export function itemsForWriting(
  db: Database,
  viewerId: UserId,
  wanted: readonly ItemOnDay[],
): Promise<ItemForWriting[]> {
  const own = sql<boolean>`deed_items.user_id = ${viewerId}`
  return itemsWithDeedAndAccess(db, viewerId, wanted)
    .leftJoin('scales', (join) =>
      join
        .onRef('scales.user_id', '=', 'deeds.user_id')
        .onRef('scales.deed_id', '=', 'deeds.deed_id')
        .on('scales.deleted_at', 'is', null)
        .on('deeds.measure_type', '=', 'scale')
        .on(sql<boolean>`scales.effective @> wanted.day`),
    )
    .select([
      sql<number>`(wanted.place - 1)::integer`.as('place'),
      'deed_items.user_id as ownerId',
      'deed_items.deed_item_id as itemId',
      'deed_items.deed_id as deedId',
      'deeds.measure_type as measure',
      'deeds.category_type as category',
      'wanted.day as date',
      'wanted.today',
      'scales.scale_id as scaleId',
      own.as('isOwn'),
      sql<boolean>`${own} or (item_access.may_write and ${still('write_expires_at')})`.as('mayRecord'),
      sql<boolean>`${own} or (item_access.shares_notes and ${still('notes_expires_at')})`.as('sharesNotes'),
      sql<number | null>`case when not ${own} then item_access.backfill_days end`.as('backfillDays'),
    ])
    .orderBy('wanted.place')
    .execute()
}

function itemsWithDeedAndAccess(db: Database, viewerId: UserId, wanted: readonly ItemOnDay[]) {
  return visibleItems(db, viewerId)
    .clearSelect()
    .innerJoin(wantedOnDays(wanted), (join) =>
      join.onRef('wanted.owner_id', '=', 'deed_items.user_id').onRef('wanted.item_id', '=', 'deed_items.deed_item_id'),
    )
    .innerJoin('deeds', (join) =>
      join.onRef('deeds.user_id', '=', 'deed_items.user_id').onRef('deeds.deed_id', '=', 'deed_items.deed_id'),
    )
    .leftJoin('item_access', (join) =>
      join
        .onRef('item_access.user_id', '=', 'deed_items.user_id')
        .onRef('item_access.deed_item_id', '=', 'deed_items.deed_item_id')
        .on('item_access.viewer_id', '=', viewerId),
    )
    .where('deeds.deleted_at', 'is', null)
}

/** What was asked for, each with its place, its owner's today and its day. Owners that the viewer may not see drop out. */
function wantedOnDays(wanted: readonly ItemOnDay[]) {
  const owners = wanted.map((key) => key.ownerId)
  const items = wanted.map((key) => key.itemId)
  const dates = wanted.map((key) => key.date)
  return sql<{ owner_id: string; item_id: string; day: string; today: string; place: string }>`(
    select owner_id, item_id, coalesce(date, today) as day, today, place
    from unnest(${owners}::bigint[], ${items}::bigint[], ${dates}::date[]) with ordinality as asked (owner_id, item_id, date, place)
    join users on users.user_id = owner_id
    cross join lateral civil_date(now(), users.time_zone, users.day_start_minutes) as civil (today)
  )`.as('wanted')
}

function still(column: 'write_expires_at' | 'notes_expires_at') {
  const expires = sql.ref(`item_access.${column}`)
  return sql<boolean>`(${expires} is null or ${expires} > now())`
}
