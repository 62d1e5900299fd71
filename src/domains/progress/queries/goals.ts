import { sql } from 'kysely'
import { pairsIn } from '../../../platform/database/any-of.ts'
import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database } from '../../../platform/database/types.ts'

/** One live goal of an owner; goals are seen by their owner alone (SHA-6). */
export type GoalRow = Awaited<ReturnType<typeof goalsByKeys>>[number]
export type GoalItemRow = Awaited<ReturnType<typeof itemsOfGoals>>[number]
export type MeritPage = Page<GoalRow>
export interface GoalKey {
  ownerId: string
  goalId: string
}

/** GOAL-6 Days after its window from which a completion neither comes nor goes. */
export const daysUntilSealed = 7

/** Live goals with the columns of `GoalRow`; `today` is the owner's civil date. */
function liveGoals(db: Database) {
  return db
    .selectFrom('goals')
    .innerJoin('users', 'users.user_id', 'goals.user_id')
    .where('goals.deleted_at', 'is', null)
    .select([
      'goals.user_id as ownerId',
      'goals.goal_id as goalId',
      'goals.kind',
      'goals.deed_id as deedId',
      'goals.title',
      'goals.description',
      'goals.match_type as match',
      'goals.start_date as startDate',
      'goals.end_date as endDate',
      'goals.is_active as isActive',
      'goals.version',
      'goals.completed_at as completedAt',
      'goals.completed_on as completedOn',
      today.as('today'),
      sql<boolean>`${today} > goals.end_date + ${sql.lit(daysUntilSealed)}`.as('isSealed'),
    ])
}

const today = sql<string>`civil_date(now(), users.time_zone, users.day_start_minutes)`

export function goalsByKeys(db: Database, keys: readonly GoalKey[]) {
  const pairs = keys.map(({ ownerId, goalId }) => [ownerId, goalId] as const)
  return liveGoals(db)
    .where(pairsIn(['goals.user_id', 'goals.goal_id'], pairs))
    .execute()
}

/** A page of an owner's merits, the latest window first; `goalIds` narrows it to those. */
export function meritsOfOwner(
  db: Database,
  ownerId: string,
  {
    goalIds,
    scope,
    ...page
  }: { goalIds?: readonly string[]; scope: unknown; first: number; after?: string | null | undefined },
): Promise<MeritPage> {
  let merits = liveGoals(db).where('goals.user_id', '=', ownerId).where('goals.kind', '=', 'merit')
  if (goalIds) merits = merits.where('goals.goal_id', '=', sql<string>`any(${goalIds}::bigint[])`)
  const order = [
    { column: 'goals.start_date', direction: 'desc' as const },
    { column: 'goals.goal_id', direction: 'desc' as const },
  ]
  return keysetPage(db, merits, { ...page, order, scope: ['merits', ownerId, scope] })
}

/** All live merits of an owner, to be judged. */
export function allMeritsOfOwner(db: Database, ownerId: string) {
  return liveGoals(db).where('goals.user_id', '=', ownerId).where('goals.kind', '=', 'merit').execute()
}

/** What live goals ask for. */
function liveItems(db: Database) {
  return db
    .selectFrom('goal_items')
    .where('goal_items.deleted_at', 'is', null)
    .select([
      'goal_items.user_id as ownerId',
      'goal_items.goal_id as goalId',
      'goal_items.goal_item_id as goalItemId',
      'goal_items.deed_item_id as itemId',
      'goal_items.includes_descendants as includesDescendants',
      'goal_items.metric',
      'goal_items.comparator',
      'goal_items.scale_value_id as scaleValueId',
      'goal_items.scale_match as scaleMatch',
      'goal_items.target_value as target',
    ])
}

/** What goals ask for, in the order in which it was said. */
export function itemsOfGoals(db: Database, keys: readonly GoalKey[]) {
  const pairs = keys.map(({ ownerId, goalId }) => [ownerId, goalId] as const)
  return liveItems(db)
    .where(pairsIn(['goal_items.user_id', 'goal_items.goal_id'], pairs))
    .orderBy('goal_items.goal_item_id')
    .execute()
}

export interface GoalItemKey {
  ownerId: string
  goalItemId: string
}

export function goalItemsByKeys(db: Database, keys: readonly GoalItemKey[]) {
  const pairs = keys.map(({ ownerId, goalItemId }) => [ownerId, goalItemId] as const)
  return liveItems(db)
    .where(pairsIn(['goal_items.user_id', 'goal_items.goal_item_id'], pairs))
    .execute()
}

export interface NewGoal {
  ownerId: string
  startDate: string
  endDate: string
  deedId: string
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

/** Stores a merit with its items; answers its id. */
export async function insertMerit(db: Database, goal: NewGoal): Promise<GoalKey> {
  const { goal_id: goalId } = await db
    .insertInto('goals')
    .values({
      user_id: goal.ownerId,
      kind: 'merit',
      deed_id: goal.deedId,
      title: goal.title,
      description: goal.description,
      match_type: goal.match,
      start_date: goal.startDate,
      end_date: goal.endDate,
      duration_days: sql<number>`${goal.endDate}::date - ${goal.startDate}::date + 1`,
    })
    .returning('goal_id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('goal_items')
    .values(
      goal.items.map((item) => ({
        user_id: goal.ownerId,
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
  return { ownerId: goal.ownerId, goalId }
}

/** What a goal may ask for of one deed: its live items and the values of its scale; the deed's row repeats. Nothing when there is no such deed. */
export function goalMaterial(db: Database, ownerId: string, deedId: string) {
  return db
    .selectFrom('deeds')
    .innerJoin('users', 'users.user_id', 'deeds.user_id')
    .where('deeds.user_id', '=', ownerId)
    .where('deeds.deed_id', '=', deedId)
    .where('deeds.deleted_at', 'is', null)
    .select([
      'deeds.category_type as category',
      'deeds.measure_type as measure',
      today.as('today'),
      sql<string[]>`array(select deed_item_id::text from deed_items
        where user_id = deeds.user_id and deed_id = deeds.deed_id and deleted_at is null)`.as('itemIds'),
      sql<string[]>`array(select scale_value_id::text from scale_values
        where user_id = deeds.user_id and deed_id = deeds.deed_id and deleted_at is null)`.as('scaleValueIds'),
    ])
    .executeTakeFirst()
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
