import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import type { GoalWindow } from '../rules.ts'
import type { GoalKey, GoalKind } from './goals.ts'

export interface NewGoal extends GoalWindow {
  ownerId: string
  kind: GoalKind
  /** Of a merit. */
  deedId: string | null
  title: string
  description: string | null
  match: 'and' | 'or'
  items: readonly NewGoalItem[]
}
export interface NewGoalItem {
  itemId: string
  includesDescendants: boolean
  metric: 'count_sum' | 'scale_match' | 'days_recorded'
  comparator: 'at_least' | 'at_most'
  scaleValueId: string | null
  scaleMatch: 'exact' | 'at_or_above' | null
  target: string
}

/** Stores a goal with its items; answers its key. */
export async function insertGoal(db: Database, goal: NewGoal): Promise<GoalKey> {
  const { goal_id: goalId } = await db
    .insertInto('goals')
    .values({
      user_id: goal.ownerId,
      kind: goal.kind,
      deed_id: goal.deedId,
      title: goal.title,
      description: goal.description,
      match_type: goal.match,
      start_date: goal.startDate,
      end_date: goal.endDate,
      duration_days: durationOf(goal),
    })
    .returning('goal_id')
    .executeTakeFirstOrThrow()
  const key = { ownerId: goal.ownerId, goalId }
  await insertItems(db, key, goal.items)
  return key
}

async function insertItems(db: Database, { ownerId, goalId }: GoalKey, items: readonly NewGoalItem[]): Promise<void> {
  await db
    .insertInto('goal_items')
    .values(
      items.map((item) => ({
        user_id: ownerId,
        goal_id: goalId,
        deed_item_id: item.itemId,
        includes_descendants: item.includesDescendants,
        metric: item.metric,
        comparator: item.comparator,
        scale_value_id: item.scaleValueId,
        scale_match: item.scaleMatch,
        target_value: item.target,
      })),
    )
    .execute()
}

/** What of a goal changes; what is left out stays. */
export interface GoalChanges {
  title?: string
  description?: string | null
  match?: 'and' | 'or'
  isActive?: boolean
  window?: GoalWindow
  items?: readonly NewGoalItem[]
}

/** Stores changes of a goal. A completion outside a new window goes; what else it comes to is for `settleGoals`. */
export async function changeGoal(db: Database, key: GoalKey, changes: GoalChanges): Promise<void> {
  const { window, items, match, isActive, ...texts } = changes
  const set = {
    ...texts,
    ...(match !== undefined && { match_type: match }),
    ...(isActive !== undefined && { is_active: isActive }),
    ...(window && windowColumns(window)),
    ...(items && { items_version: sql<number>`items_version + 1` }),
  }
  if (Object.keys(set).length === 0) return
  await db.updateTable('goals').set(set).where('user_id', '=', key.ownerId).where('goal_id', '=', key.goalId).execute()
  if (items) await replaceItems(db, key, items)
}

function windowColumns(window: GoalWindow) {
  const isWithin = sql<boolean>`completed_on between ${window.startDate}::date and ${window.endDate}::date`
  return {
    start_date: window.startDate,
    end_date: window.endDate,
    duration_days: durationOf(window),
    completed_at: sql<string | null>`case when ${isWithin} then completed_at end`,
    completed_on: sql<string | null>`case when ${isWithin} then completed_on end`,
  }
}

function durationOf({ startDate, endDate }: GoalWindow) {
  return sql<number>`${endDate}::date - ${startDate}::date + 1`
}

async function replaceItems(db: Database, key: GoalKey, items: readonly NewGoalItem[]): Promise<void> {
  await db
    .updateTable('goal_items')
    .set({ deleted_at: sql<string>`now()`, deleted_by: key.ownerId })
    .where('user_id', '=', key.ownerId)
    .where('goal_id', '=', key.goalId)
    .where('deleted_at', 'is', null)
    .execute()
  await insertItems(db, key, items)
}

/** TREE-4 Deletes a live goal, so that it can be restored; answers the deletion's id. Its items go and come back with it. */
export async function deleteGoal(db: Database, key: GoalKey, title: string): Promise<string> {
  const { deletionId } = await db
    .insertInto('deletions')
    .values({
      user_id: key.ownerId,
      kind: 'goal',
      root_id: key.goalId,
      label: title,
      row_count: 1,
      deleted_by: key.ownerId,
    })
    .returning('deletion_id as deletionId')
    .executeTakeFirstOrThrow()
  await db
    .updateTable('goals')
    .set({ deleted_at: sql<string>`now()`, deleted_by: key.ownerId, deletion_id: deletionId })
    .where('user_id', '=', key.ownerId)
    .where('goal_id', '=', key.goalId)
    .execute()
  return deletionId
}

export interface Completion {
  goalId: string
  /** Null: it is not met. */
  completedOn: string | null
}

/** GOAL-6 Writes what changed about completions, in one statement; `completed_at` is kept when only the day moves. */
export async function storeCompletions(
  db: Database,
  ownerId: string,
  completions: readonly Completion[],
): Promise<void> {
  if (completions.length === 0) return
  const ids = completions.map(({ goalId }) => goalId)
  const days = completions.map(({ completedOn }) => completedOn)
  await sql`
    update goals
    set completed_on = judged.day, completed_at = case when judged.day is not null then coalesce(goals.completed_at, now()) end
    from unnest(${ids}::bigint[], ${days}::date[]) as judged (goal_id, day)
    where goals.user_id = ${ownerId} and goals.goal_id = judged.goal_id and goals.sealed_at is null
      and goals.completed_on is distinct from judged.day
  `.execute(db)
}
