import { sql } from 'kysely'
import { anyOf } from '../../../platform/database/any-of.ts'
import type { Database } from '../../../platform/database/types.ts'
import { daysUntilSealed } from './goals.ts'

/** So many at most are judged or sealed under one lock. */
export const goalsAtOnce = 200

/** GOAL-6 The window is over, and either it is time for the seal or an end without an entry may have completed it: a kept limit. */
const isDue = sql<boolean>`
  goals.end_date < civil_date(now(), users.time_zone, users.day_start_minutes)
  and (goals.completed_at is null or ${isToBeSealed()})`

/** Nobody's today is later than two days from the day in UTC: what an index can tell without asking each owner's zone. */
const mayBeOver = sql<boolean>`goals.end_date < current_date + 2`

function isToBeSealed() {
  return sql<boolean>`civil_date(now(), users.time_zone, users.day_start_minutes) > goals.end_date + ${sql.lit(daysUntilSealed)}`
}

function dueGoals(db: Database) {
  return db
    .selectFrom('goals')
    .innerJoin('users', 'users.user_id', 'goals.user_id')
    .where('goals.sealed_at', 'is', null)
    .where('goals.deleted_at', 'is', null)
    .where(mayBeOver)
    .where(isDue)
}

/** Owners behind `after` who have goals to settle or to seal, in the order of their ids. */
export async function ownersToSettle(
  db: Database,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const rows = await dueGoals(db)
    .where('goals.user_id', '>', after)
    .select('goals.user_id as ownerId')
    .distinct()
    .orderBy('goals.user_id')
    .limit(limit)
    .execute()
  return rows.map(({ ownerId }) => ownerId)
}

/** The lock under which the owner's entries and goals are written, unless somebody holds it. */
export async function tryLockOwner(tx: Database, ownerId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('owner_state')
    .where('user_id', '=', ownerId)
    .select('user_id')
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row !== undefined
}

export interface DueGoal {
  goalId: string
  /** The days until the seal are over. */
  isToBeSealed: boolean
  /** Whether it may still be completed: not once it was made, or an entry that it may ask for was changed, after the seal was due. */
  mayBeCompleted: boolean
}

/** GOAL-6 Some of an owner's goals behind `after` that are to be settled or sealed, in the order of their ids. */
export function goalsToSettle(tx: Database, ownerId: string, after: string): Promise<DueGoal[]> {
  const sealIsDueAt = sql`day_starts_at(goals.end_date + ${sql.lit(daysUntilSealed + 1)}, users.time_zone, users.day_start_minutes)`
  return dueGoals(tx)
    .where('goals.user_id', '=', ownerId)
    .where('goals.goal_id', '>', after)
    .select([
      'goals.goal_id as goalId',
      isToBeSealed().as('isToBeSealed'),
      sql<boolean>`goals.completed_at is null and goals.created_at < ${sealIsDueAt} and not exists (
        select from entries
        where entries.user_id = goals.user_id and entries.entry_date between goals.start_date and goals.end_date
          and entries.updated_at >= ${sealIsDueAt}
      )`.as('mayBeCompleted'),
    ])
    .orderBy('goals.goal_id')
    .limit(goalsAtOnce)
    .execute()
}

/** GOAL-6 From now on their completions neither come nor go. */
export async function sealGoals(tx: Database, ownerId: string, goalIds: readonly string[]): Promise<void> {
  if (goalIds.length === 0) return
  await tx
    .updateTable('goals')
    .set({ sealed_at: sql<string>`now()` })
    .where('user_id', '=', ownerId)
    .where('goal_id', '=', anyOf(goalIds))
    .where('sealed_at', 'is', null)
    .execute()
}
