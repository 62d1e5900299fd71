import { type RawBuilder, sql } from 'kysely'
import { pairsIn } from '../../platform/database/any-of.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { visibleDeeds, visibleItems } from '../deeds/queries.ts'
import { type Days, daysSoFar, type StatisticsModel, type StreakModel } from './rules.ts'

/** Whose entries are asked about: those of an item, alone or with the visible items below it, or of all visible items of a deed (null). */
export interface Branch {
  ownerId: UserId
  deedId: string
  itemId: string | null
  includesDescendants: boolean
}

/** SCA-3 What the entries of each branch come to in these days, one row each, in one statement: entries are read once, however many ask. */
export async function statisticsOfBranches(
  db: Database,
  viewerId: UserId,
  branches: readonly Branch[],
  days: Days,
): Promise<(Branch & Omit<StatisticsModel, 'from' | 'to'>)[]> {
  const { elapsed, over } = daysSoFar(days)
  const { rows } = await sql<Branch & Omit<StatisticsModel, 'from' | 'to'>>`
    with recursive ${countedItems(db, viewerId, branches)}, ${facts(sql`entries.entry_date between ${days.from}::date and ${days.to}::date`)},
    days as (
      select place, entry_date, count(*) as entry_count, sum(count_value) as total, min(count_value) as least, max(count_value) as most,
        sum(normalized_score) as score, count(normalized_score) as scored
      from facts cross join unnest(places) as place
      group by place, entry_date
    ), ${distributions}
    select ${branchColumns},
      coalesce(sum(entry_count), 0)::integer as "entryCount",
      count(entry_date)::integer as "recordedDays",
      ${over}::integer - count(entry_date) filter (where entry_date < ${days.today}::date)::integer as "missingDays",
      trim_scale(sum(total)) as "countTotal",
      trim_scale(round(sum(total) / nullif(count(entry_date), 0), 3)) as "averagePerRecordedDay",
      trim_scale(round(sum(total) / nullif(${elapsed}::integer, 0), 3)) as "averagePerDay",
      trim_scale(round(sum(score) / nullif(sum(scored), 0), 6)) as "averageScore",
      trim_scale(min(least)) as minimum,
      trim_scale(max(most)) as maximum,
      coalesce((select shares from distributions where distributions.place = asked.place), '[]') as distribution
    from asked left join days using (place)
    group by asked.place, asked.owner_id, asked.deed_id, asked.item_id, asked.descends
  `.execute(db)
  return rows
}

/**
 * STR-1 The streaks of each branch up to `today`, over all that was ever recorded, one row each, in one statement. A day of several
 * entries is judged by what they come to: above 0 when one of them is, 0 when all are.
 */
export async function streaksOfBranches(
  db: Database,
  viewerId: UserId,
  branches: readonly Branch[],
  today: string,
): Promise<(Branch & Omit<StreakModel, 'asOf'>)[]> {
  const { rows } = await sql<Branch & Omit<StreakModel, 'asOf'>>`
    with recursive ${countedItems(db, viewerId, branches)}, ${facts(sql`entries.entry_date <= ${today}::date`)},
    days as (
      select place, breaks_by_silence, entry_date,
        bool_or(coalesce(count_value, normalized_score) > 0) = (category = 'hasanaat') as succeeded
      from facts join categories using (owner_id, deed_id) cross join unnest(places) as place
      group by place, category, breaks_by_silence, entry_date
    ), ${runs},
    longest as (select distinct on (place) * from runs order by place, length desc, last_day desc),
    current as (
      select * from runs
      where last_day = last_recorded_day and (not breaks_by_silence or last_day >= ${today}::date - 1)
    )
    select ${branchColumns}, ${runAsJson('current')} as current, ${runAsJson('longest')} as longest
    from asked left join current using (place) left join longest using (place)
  `.execute(db)
  return rows
}

const branchColumns = sql`asked.owner_id as "ownerId", asked.deed_id as "deedId", asked.item_id as "itemId", asked.descends as "includesDescendants"`

/**
 * `asked`: the branches; `counted`: the items whose entries each of them takes in; `categories`: of their deeds. Only through what the
 * viewer may see: an item below one that is not shared stands on its own (SHA-6).
 */
function countedItems(db: Database, viewerId: UserId, branches: readonly Branch[]): RawBuilder<unknown> {
  const deedPairs = branches.map(({ ownerId, deedId }) => [ownerId, deedId] as const)
  const shown = visibleItems(db, viewerId)
    .where(pairsIn(['deed_items.user_id', 'deed_items.deed_id'], deedPairs))
    .clearSelect()
    .select([
      'deed_items.user_id as owner_id',
      'deed_items.deed_id',
      'deed_items.deed_item_id as item_id',
      'deed_items.parent_deed_item_id as parent_id',
    ])
  const categories = visibleDeeds(db, viewerId)
    .where(pairsIn(['deeds.user_id', 'deeds.deed_id'], deedPairs))
    .clearSelect()
    .select([
      'deeds.user_id as owner_id',
      'deeds.deed_id',
      'deeds.category_type as category',
      sql`deeds.category_type = 'hasanaat'`.as('breaks_by_silence'),
    ])
  return sql`asked as (
      select * from unnest(
        ${branches.map(({ ownerId }) => ownerId)}::bigint[], ${branches.map(({ deedId }) => deedId)}::bigint[],
        ${branches.map(({ itemId }) => itemId)}::bigint[], ${branches.map((branch) => branch.includesDescendants)}::boolean[]
      ) with ordinality as asked (owner_id, deed_id, item_id, descends, place)
    ), shown as materialized ${shown}, categories as ${categories}, counted (place, owner_id, deed_id, item_id, descends) as (
      select place, owner_id, deed_id, shown.item_id, asked.item_id is not null and descends
      from asked join shown using (owner_id, deed_id)
      where asked.item_id is null or asked.item_id = shown.item_id
      union all
      select place, owner_id, deed_id, child.item_id, descends
      from counted join shown as child using (owner_id, deed_id)
      where descends and child.parent_id = counted.item_id
    )`
}

/**
 * The recorded entries of all counted items, each read once, with the `places` of the branches that take it in. `offset 0` keeps to one
 * index scan per item: how many there are to join the planner cannot know, and it would compare every entry with every item.
 */
function facts(inDays: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`places_of as (
    select owner_id, deed_id, item_id, array_agg(place) as places from counted group by owner_id, deed_id, item_id
  ), facts as (
    select places_of.*, entry.*, scale_values.normalized_score
    from places_of
    cross join lateral (
      select entry_date, count_value, scale_value_id
      from entries
      where entries.user_id = owner_id and entries.deed_item_id = item_id and ${inDays} and entries.deleted_at is null
      offset 0
    ) as entry
    left join scale_values on scale_values.user_id = owner_id and scale_values.scale_value_id = entry.scale_value_id
  )`
}

/** SCA-1, SCA-3 Each value of each version by itself, in order of version and place. Values are added up by item before they are by branch. */
const distributions = sql`recorded_values as (
    select owner_id, item_id, places, scale_value_id, count(*) as entry_count
    from facts where scale_value_id is not null
    group by owner_id, item_id, places, scale_value_id
  ), shares as (
    select place, owner_id, scale_value_id, sum(entry_count) as entry_count,
      sum(entry_count) / sum(sum(entry_count)) over (partition by place) as share
    from recorded_values cross join unnest(places) as place
    group by place, owner_id, scale_value_id
  ), distributions as (
    select place, json_agg(
      json_build_object(
        'ownerId', shares.owner_id::text, 'scaleValueId', shares.scale_value_id::text, 'entryCount', entry_count, 'share', trim_scale(round(share, 6))::text
      ) order by version_number, value_order
    ) as shares
    from shares
    join scale_values on scale_values.user_id = shares.owner_id and scale_values.scale_value_id = shares.scale_value_id
    join scales on scales.user_id = shares.owner_id and scales.scale_id = scale_values.scale_id
    group by place
  )`

/** STR-1 Runs are numbered as days begin them: a failure does, and in hasanaat a day that does not follow the recorded day before. */
const runs = sql`marked as (
    select *, not succeeded or (breaks_by_silence and lag(entry_date) over place_days is distinct from entry_date - 1) as begins,
      max(entry_date) over (partition by place) as last_recorded_day
    from days window place_days as (partition by place order by entry_date)
  ), numbered as (
    select *, count(*) filter (where begins) over (partition by place order by entry_date) as run from marked
  ), runs as (
    select place, breaks_by_silence, last_recorded_day, count(*) as length, min(entry_date) as first_day, max(entry_date) as last_day
    from numbered
    where succeeded
    group by place, breaks_by_silence, last_recorded_day, run
  )`

function runAsJson(run: 'current' | 'longest'): RawBuilder<unknown> {
  const row = sql.ref(run)
  return sql`case when ${row}.length is not null then json_build_object('length', ${row}.length, 'from', ${row}.first_day, 'to', ${row}.last_day) end`
}
