import { type RawBuilder, sql } from 'kysely'
import { prepared, text } from '../../platform/database/prepared.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { visibleDeeds, visibleItems } from '../deeds/queries.ts'
import type { CalendarUnit, Category, RecordedPoint, SeriesGroup, Totals } from './rules.ts'

/** Whose days, as an owner's civil dates, both in. */
export interface OwnersDays {
  ownerId: UserId
  from: string
  to: string
}

/** The totals of one category, deed or item; null category: the row that is there even when nothing else is. */
export interface StatisticsRow extends Totals {
  asOf: string
  level: 'category' | 'deed' | 'item'
  category: Category | null
  deedId: string | null
  itemId: string | null
  parentId: string | null
  itemLevel: number | null
  displayOrder: number | null
}

/** Which days, and whether of each item, too, or only of categories and deeds, which takes an eighth to a sixth less. */
export interface AskedDays extends OwnersDays {
  withItems: boolean
}

/**
 * DASH-1, DASH-2 What every visible category and deed comes to, and each item if asked, whether anything was recorded or not, in one
 * statement. Categories and deeds come in display order, items level by level.
 */
export function statisticsRows(
  db: Database,
  viewerId: UserId,
  { withItems, ...days }: AskedDays,
): Promise<StatisticsRow[]> {
  return (withItems ? statisticsWithItems : statisticsOfDeeds)(db, { viewerId, ...days })
}

const deedSets = sql`(category), (category, deed_order, deed_id)`
const statisticsOfDeeds = prepared(
  statistics({
    level: sql`case when grouping(deed_id) = 0 then 'deed' else 'category' end`,
    item: sql`null as "itemId", null as "parentId", null as "itemLevel", null as "displayOrder"`,
    sets: deedSets,
    order: sql`category, deed_order, deed_id`,
  }),
)
const statisticsWithItems = prepared(
  statistics({
    level: sql`case when grouping(item_id) = 0 then 'item' when grouping(deed_id) = 0 then 'deed' else 'category' end`,
    item: sql`item_id as "itemId", parent_id as "parentId", item_level as "itemLevel", item_order as "displayOrder"`,
    sets: sql`${deedSets}, (category, deed_order, deed_id, item_level, item_order, item_id, parent_id)`,
    order: sql`category, deed_order, deed_id, item_level, item_order, item_id`,
  }),
)

type Grouping = Record<'level' | 'item' | 'sets' | 'order', RawBuilder<unknown>>

function statistics({ level, item, sets, order }: Grouping) {
  return (db: Database, { viewerId, ownerId, from, to }: OwnersDays & { viewerId: UserId }) =>
    text(sql<StatisticsRow>`
    with ${shownItems(db, viewerId, ownerId)}, elapsed as (
      select greatest(0, least(${to}::date, owner_today(${ownerId})) - ${from}::date + 1) as days
    )
    select now() as "asOf",
      ${level} as level, category, deed_id as "deedId", ${item},
      count(entry_date)::integer as "entryCount",
      count(distinct entry_date)::integer as "recordedDays",
      trim_scale(sum(count_value)) as "countTotal",
      trim_scale(round(sum(count_value) / nullif(count(distinct entry_date), 0), 3)) as "averagePerRecordedDay",
      trim_scale(round(sum(count_value) / nullif((select days from elapsed), 0), 3)) as "averagePerDay",
      trim_scale(round(avg(normalized_score), 6)) as "averageScore"
    from (values (1)) as always (one)
    left join shown on true
    left join lateral (${factsOfItem({ ownerId, from, to })}) as facts on true
    group by grouping sets (${sets})
    order by ${order}
  `)
}

/** DASH-1 The points that have entries, of all categories, deeds or items, in one statement. */
export async function recordedPoints(
  db: Database,
  viewerId: UserId,
  { by, every, weekStart, ...days }: OwnersDays & { by: SeriesGroup; every: CalendarUnit; weekStart: number },
): Promise<RecordedPoint[]> {
  const key = { CATEGORY: sql`category`, DEED: sql`deed_id`, ITEM: sql`item_id` }[by]
  const amount = by === 'CATEGORY' ? sql`null::numeric` : sql`sum(count_value)`
  const { rows } = await sql<RecordedPoint>`
    with ${shownItems(db, viewerId, days.ownerId)}
    select ${key}::text as key,
      greatest(${firstDay(every, weekStart)}, ${days.from}::date) as date,
      count(*)::integer as "entryCount",
      trim_scale(${amount}) as "countTotal",
      trim_scale(round(avg(normalized_score), 6)) as "averageScore"
    from shown
    cross join lateral (${factsOfItem(days)}) as facts
    group by 1, 2
  `.execute(db)
  return rows
}

/** Visible items with their deeds; a deed without any is one row without an item. */
function shownItems(db: Database, viewerId: UserId, ownerId: UserId): RawBuilder<unknown> {
  const deeds = visibleDeeds(db, viewerId)
    .where('deeds.user_id', '=', ownerId)
    .clearSelect()
    .select(['deeds.deed_id', 'deeds.category_type as category', 'deeds.display_order as deed_order'])
  const items = visibleItems(db, viewerId)
    .where('deed_items.user_id', '=', ownerId)
    .clearSelect()
    .select([
      'deed_items.deed_id',
      'deed_items.deed_item_id as item_id',
      'deed_items.parent_deed_item_id as parent_id',
      'deed_items.level as item_level',
      'deed_items.display_order as item_order',
    ])
  return sql`shown as (select * from ${deeds} as deed left join ${items} as item using (deed_id))`
}

/** What was recorded for `shown.item_id`: looked up item by item, as a join would read the entries of all days again for each item. */
function factsOfItem({ ownerId, from, to }: OwnersDays): RawBuilder<unknown> {
  return sql`
    select entries.entry_date, entries.count_value, scale_values.normalized_score
    from entries
    left join scale_values on scale_values.user_id = entries.user_id and scale_values.scale_value_id = entries.scale_value_id
    where entries.user_id = ${ownerId} and entries.deed_item_id = shown.item_id
      and entries.entry_date between ${from}::date and ${to}::date and entries.deleted_at is null
    offset 0
  `
}

/** DAY-6 The first day of the point that a day belongs to; weeks begin on the owner's day of the week. */
function firstDay(every: CalendarUnit, weekStart: number): RawBuilder<unknown> {
  if (every === 'DAY') return sql`entry_date`
  if (every === 'MONTH') return sql`date_trunc('month', entry_date)::date`
  return sql`entry_date - (extract(isodow from entry_date)::integer - ${weekStart}::integer + 7) % 7`
}
