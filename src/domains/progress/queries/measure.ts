import { sql } from 'kysely'
import { builder, prepared, text } from '../../../platform/database/prepared.ts'
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
      from unnest(${ownerIds}::bigint[], ${goalIds}::bigint[], ${days}::date[]) as asked (user_id, goal_id, as_of)
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

/** The items of the goals that are `asked`, each with what its entries come to. */
const measuredItems = sql`
    join goals as goal on goal.user_id = asked.user_id and goal.goal_id = asked.goal_id
    join goal_items as part on part.user_id = goal.user_id and part.goal_id = goal.goal_id and part.deleted_at is null
    join deed_items as item on item.user_id = part.user_id and item.deed_item_id = part.deed_item_id
    left join scale_values as wanted on wanted.user_id = part.user_id and wanted.scale_value_id = part.scale_value_id
    cross join lateral (
      with recursive counted as (
        select part.deed_item_id where item.deleted_at is null
        union all
        select child.deed_item_id
        from counted
        join deed_items as child on child.user_id = part.user_id and child.parent_deed_item_id = counted.deed_item_id
        where part.includes_descendants and child.deleted_at is null
      ), days as (
        select entry.entry_date,
          case part.metric when 'count_sum' then sum(entry.count_value) when 'scale_match' then count(*) else 1 end as amount
        from entries as entry
        left join scale_values as chosen on chosen.user_id = entry.user_id and chosen.scale_value_id = entry.scale_value_id
        where entry.user_id = part.user_id
          and entry.deed_item_id = any (array(select deed_item_id from counted))
          and entry.entry_date between goal.start_date and least(goal.end_date, asked.as_of)
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

const movedGoals = prepared((db, days: ChangedDays) => builder(goalsMoved(db, days).orderBy('goals.goal_id')))

const measureMoved = prepared((db, days: ChangedDays) =>
  text(sql<GoalRow & MeasuredGoalItem>`
    with moved as (${goalsMoved(db, days)})
    select moved.*, ${measuredColumns}
    from moved
    cross join lateral (values (moved."ownerId", moved."goalId", moved.today)) as asked (user_id, goal_id, as_of)
    ${measuredItems}
    order by moved."goalId", part.goal_item_id`),
)

function goalsMoved(db: Database, { ownerId, itemIds, dates }: ChangedDays) {
  const moved = sql<boolean>`goals.goal_id in (
    with recursive changed as (
      select * from unnest(${itemIds}::bigint[], ${dates}::date[]) as changed (item_id, entry_date)
    ), upward as (
      select distinct item_id, item_id as node_id from changed
      union all
      select upward.item_id, item.parent_deed_item_id
      from upward
      join deed_items as item on item.user_id = ${ownerId} and item.deed_item_id = upward.node_id
      where item.parent_deed_item_id is not null
    )
    select goal.goal_id
    from changed
    join upward using (item_id)
    join goal_items as part on part.user_id = ${ownerId} and part.deed_item_id = upward.node_id and part.deleted_at is null
      and (part.includes_descendants or upward.node_id = upward.item_id)
    join goals as goal on goal.user_id = part.user_id and goal.goal_id = part.goal_id and goal.deleted_at is null
    where changed.entry_date between goal.start_date and goal.end_date
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
