import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import { type Batching, deleteInBatches, type Keyed } from './batches.ts'
import { ownedTable } from './owned-tables.ts'

/** What nobody needs any more after a while: whose table, and which of its rows, as seen at an instant. */
function expired(now: Date): [table: Keyed, condition: RawBuilder<boolean>][] {
  const ago = (days: number) => sql`${now.toISOString()}::timestamptz - make_interval(days => ${sql.lit(days)})`
  return [
    [ownedTable('one_time_tokens'), sql<boolean>`expires_at < ${ago(1)}`],
    [{ table: 'login_failures', key: ['login_failure_id'] }, sql<boolean>`failed_at < ${ago(1)}`],
    // ENT-4 They carry their own end, 48 hours after they were made.
    [ownedTable('idempotency_keys'), sql<boolean>`expires_at < ${ago(0)}`],
    [ownedTable('sessions'), sql<boolean>`least(revoked_at, expires_at) < ${ago(30)}`],
    // TREE-4 What was taken back, and what a person deleted that hangs from nothing.
    [ownedTable('deletions'), sql<boolean>`restored_at < ${ago(90)}`],
    [ownedTable('reflection_messages'), sql<boolean>`deleted_at < ${ago(90)}`],
    [ownedTable('resources'), sql<boolean>`deleted_at < ${ago(90)}`],
    [ownedTable('user_settings'), sql<boolean>`deleted_at < ${ago(90)}`],
    [
      ownedTable('notification_deliveries'),
      sql<boolean>`(user_id, notification_id) in (select user_id, notification_id from notifications where deleted_at < ${ago(90)})`,
    ],
    [ownedTable('notifications'), sql<boolean>`deleted_at < ${ago(90)}`],
    [ownedTable('goal_items'), sql<boolean>`deleted_at < ${ago(90)}`],
    [
      { table: 'graphile_worker._private_jobs', key: ['id'] },
      sql<boolean>`attempts >= max_attempts and locked_at is null and updated_at < ${ago(30)}`,
    ],
  ]
}

/** Deletes all of it. Answers how many rows that were, by table; tables without any left out. */
export async function deleteExpired(db: Database, now: Date, batching: Batching): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [table, condition] of expired(now)) {
    const count = await deleteInBatches(db, table, condition, batching)
    if (count > 0) counts[table.table] = count
  }
  return counts
}

/** Jobs that expired by now, some of them, and what their results name. */
export function expiredJobs(db: Database, now: Date, limit: number) {
  return db
    .selectFrom('jobs')
    .where('expires_at', '<=', now.toISOString())
    .select(['user_id as ownerId', 'job_id as jobId', sql<string | null>`result ->> 'objectKey'`.as('objectKey')])
    .orderBy('expires_at')
    .limit(limit)
    .execute()
}

export async function deleteJob(db: Database, { ownerId, jobId }: { ownerId: string; jobId: string }): Promise<void> {
  await db.deleteFrom('jobs').where('user_id', '=', ownerId).where('job_id', '=', jobId).execute()
}

/** Drops the months of the change log that ended more than 90 days ago. Answers how many. */
export async function dropOldChanges(db: Database, now: Date): Promise<number> {
  const { rows } = await sql<{ dropped: number }>`
    select drop_old_changes((${now.toISOString()}::timestamptz - interval '90 days')::date) as dropped`.execute(db)
  return rows[0]?.dropped ?? 0
}
