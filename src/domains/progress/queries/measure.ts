import { sql } from 'kysely'
import { prepared, text } from '../../../platform/database/prepared.ts'
import type { Database } from '../../../platform/database/types.ts'
import type { MeasuredItem } from '../rules.ts'
import { type GoalRow, liveGoals } from './goals.ts'

/** A goal, and the day it is to be judged by. */
export interface Judgement {
  ownerId: string
  goalId: string
  /** `YYYY-MM-DD` */
  asOf: string
}

export interface MeasuredGoalItem extends MeasuredItem, Judgement {
  /** The values of the scale that match, in all versions; null where nothing is matched on a scale. */
  matchingValueIds: string[] | null
}

/**
 * GOAL-2 What the entries of each goal's items come to, up to the day of judgement: one aggregate over the entries as they are,
 * whatever was stored before. Cleared entries and those of deleted items do not count.
 */
export function measureGoals(db: Database, judgements: readonly Judgement[]): Promise<MeasuredGoalItem[]> {
  return measureAsked(db, {
    ownerIds: judgements.map(({ ownerId }) => ownerId),
    goalIds: judgements.map(({ goalId }) => goalId),
    days: judgements.map(({ asOf }) => asOf),
  })
}

const measureAsked = prepared(
  (_db, { ownerIds, goalIds, days }: { ownerIds: string[]; goalIds: string[]; days: string[] }) =>
    text(sql<MeasuredGoalItem>`
      select ${measuredColumns}
      from (
        select goal.user_id, goal.goal_id, listed.as_of, goal.start_date, goal.end_date
        from unnest(${ownerIds}::bigint[], ${goalIds}::bigint[], ${days}::date[]) as listed (user_id, goal_id, as_of)
        join goals as goal on goal.user_id = listed.user_id and goal.goal_id = listed.goal_id
      ) as asked
      ${measuredItems}
      order by part.goal_item_id`),
)

const measuredColumns = sql`asked.user_id as "ownerId", asked.goal_id as "goalId", asked.as_of as "asOf",
  part.goal_item_id as "goalItemId", part.comparator, part.target_value as target,
  item.deleted_at is not null as "isDeleted", measured.value, measured.reached_on as "reachedOn",
  case when part.metric = 'scale_match' then array(
    select chosen.scale_value_id::text
    from scale_values as chosen
    where chosen.user_id = part.user_id and chosen.deed_id = wanted.deed_id and ${valueMatches()}
  ) end as "matchingValueIds"`

/**
 * The items of the goals that are `asked`, with their windows, each with what its entries come to. Items are looked up in a lateral subquery
 * that stays one: as a join they would be read whole, and shares looked for.
 */
const measuredItems = sql`
    join goal_items as part on part.user_id = asked.user_id and part.goal_id = asked.goal_id and part.deleted_at is null
    join deed_items as item on item.user_id = part.user_id and item.deed_item_id = part.deed_item_id
    left join scale_values as wanted on wanted.user_id = part.user_id and wanted.scale_value_id = part.scale_value_id
    cross join lateral (
      with recursive counted as (
        select part.deed_item_id where item.deleted_at is null
        union all
        select child.deed_item_id
        from counted
        cross join lateral (
          select deed_item_id from deed_items
          where user_id = part.user_id and parent_deed_item_id = counted.deed_item_id and deleted_at is null offset 0
        ) as child
        where part.includes_descendants
      ), days as (
        select entry.entry_date,
          case part.metric when 'count_sum' then sum(entry.count_value) when 'scale_match' then count(*) else 1 end as amount
        from entries as entry
        left join scale_values as chosen on chosen.user_id = entry.user_id and chosen.scale_value_id = entry.scale_value_id
        where entry.user_id = part.user_id
          and entry.deed_item_id = any (array(select deed_item_id from counted))
          and entry.entry_date between asked.start_date and least(asked.end_date, asked.as_of)
          and entry.deleted_at is null
          and (part.metric <> 'scale_match' or ${valueMatches()})
        group by entry.entry_date
      ), running as (
        select entry_date, sum(amount) over (order by entry_date) as total from days
      )
      select coalesce(max(total), 0) as value, min(entry_date) filter (where total >= part.target_value) as reached_on
      from running
    ) as measured`

/**
 * GOAL-1 EXACT is the same lineage, in whatever version. AT_OR_ABOVE compares places within the entry's own version with the value
 * that continues the wanted one there; where none does, normalized scores.
 */
function valueMatches() {
  return sql`
  case part.scale_match
    when 'exact' then chosen.lineage_key = wanted.lineage_key
    else coalesce(
      chosen.value_order >= (
        select continued.value_order from scale_values as continued
        where continued.user_id = chosen.user_id and continued.scale_id = chosen.scale_id and continued.lineage_key = wanted.lineage_key
        order by continued.deleted_at nulls first limit 1
      ),
      chosen.normalized_score >= wanted.normalized_score
    )
  end`
}

/** Days of items whose entries changed. */
export interface ChangedDay {
  itemId: string
  date: string
}

/** GOAL-5 The owner's goals that hold one of these days and ask for the item or, with its subtree, one above it. */
export function goalsMovedBy(db: Database, ownerId: string, changes: readonly ChangedDay[]): Promise<GoalRow[]> {
  return movedGoals(db, daysOf(ownerId, changes))
}

/** A goal, and what its items come to up to its owner's today. */
export interface MeasuredGoal {
  readonly goal: GoalRow
  readonly items: readonly MeasuredGoalItem[]
}

/** GOAL-5 The goals of `goalsMovedBy`, measured, in one statement. */
export async function measureGoalsMovedBy(
  db: Database,
  ownerId: string,
  changes: readonly ChangedDay[],
): Promise<MeasuredGoal[]> {
  const rows = await measureMoved(db, daysOf(ownerId, changes))
  return [...Map.groupBy(rows, ({ goalId }) => goalId).values()].flatMap((items) => {
    const [goal] = items
    return goal ? [{ goal, items }] : []
  })
}

interface ChangedDays {
  ownerId: string
  itemIds: string[]
  dates: string[]
}

function daysOf(ownerId: string, changes: readonly ChangedDay[]): ChangedDays {
  return { ownerId, itemIds: changes.map(({ itemId }) => itemId), dates: changes.map(({ date }) => date) }
}

const movedGoals = prepared((db, days: ChangedDays) =>
  text(sql<GoalRow>`with recursive ${itemsMoved(days)} ${goalsMoved(db, days)} order by "goalId"`),
)

const measureMoved = prepared((db, days: ChangedDays) =>
  text(sql<GoalRow & MeasuredGoalItem>`
    with recursive ${itemsMoved(days)}, moved as materialized (${goalsMoved(db, days)})
    select moved.*, ${measuredColumns}
    from moved
    cross join lateral (values (moved."ownerId", moved."goalId", moved.today, moved."startDate", moved."endDate"))
      as asked (user_id, goal_id, as_of, start_date, end_date)
    ${measuredItems}
    order by moved."goalId", part.goal_item_id`),
)

/**
 * The days that changed, and `upward` of each of their items the item itself and those above it. The lists stand in subqueries, so that the
 * planner estimates as many for whichever values: else it would plan anew for each, which takes ten times as long as to run it.
 */
function itemsMoved({ ownerId, itemIds, dates }: ChangedDays) {
  return sql`
    changed as (
      select * from unnest((select ${itemIds}::bigint[]), (select ${dates}::date[])) as changed (item_id, entry_date)
    ), upward as (
      select distinct item_id, item_id as node_id from changed
      union all
      select upward.item_id, item.parent_deed_item_id
      from upward
      cross join lateral (
        select parent_deed_item_id from deed_items where user_id = ${ownerId} and deed_item_id = upward.node_id offset 0
      ) as item
      where item.parent_deed_item_id is not null
    )`
}

function goalsMoved(db: Database, { ownerId }: ChangedDays) {
  const moved = sql<boolean>`exists (
    select from goal_items as part
    join upward on upward.node_id = part.deed_item_id and (part.includes_descendants or upward.node_id = upward.item_id)
    join changed on changed.item_id = upward.item_id
    where part.user_id = ${ownerId} and part.goal_id = goals.goal_id and part.deleted_at is null
      and changed.entry_date between goals.start_date and goals.end_date
  )`
  return liveGoals(db).where('goals.user_id', '=', ownerId).where(moved)
}

/** The owner's goals that ask for any item of the trees that these items stand in: what a move or a deletion in them may change. */
export async function goalsOfTrees(db: Database, ownerId: string, itemIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ goalId: string }>`
    select distinct part.goal_id as "goalId"
    from deed_items as item
    join goal_items as part on part.user_id = item.user_id and part.deed_item_id = item.deed_item_id and part.deleted_at is null
    where item.user_id = ${ownerId} and item.deed_id in (
      select deed_id from deed_items where user_id = ${ownerId} and deed_item_id = any (${itemIds}::bigint[])
    )
  `.execute(db)
  return rows.map(({ goalId }) => goalId)
}
