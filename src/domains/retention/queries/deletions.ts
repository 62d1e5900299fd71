import { type RawBuilder, sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { type Batching, blankInBatches, deleteInBatches } from './batches.ts'
import { auditLog, entryHistory, ownedTable } from './owned-tables.ts'

export interface DueDeletion {
  readonly ownerId: UserId
  readonly deletionId: string
}

/** Whoever is taking one back at the last moment has done so by then, or was told that it is too late. */
const graceMinutes = 60

/** TREE-4 Some of the deletions that nobody took back in time, the oldest first: what hangs from another's rows goes before those. */
export async function deletionsToPurge(db: Database, now: Date, limit: number): Promise<DueDeletion[]> {
  return db
    .selectFrom('deletions')
    .where('restored_at', 'is', null)
    .where(
      sql<boolean>`purge_after <= ${now.toISOString()}::timestamptz - make_interval(mins => ${sql.lit(graceMinutes)})`,
    )
    .select(['user_id as ownerId', 'deletion_id as deletionId'])
    .orderBy('purge_after')
    .orderBy('deleted_at')
    .limit(limit)
    .execute()
}

/** What one deletion stamped, as conditions on the columns of tables. */
function stampsOf({ ownerId, deletionId }: DueDeletion) {
  const stamped = (table: string, column: string) =>
    sql`(select ${sql.ref(column)} from ${sql.table(table)} where user_id = ${ownerId} and deletion_id = ${deletionId})`
  const mine = (condition: RawBuilder<unknown>) => sql<boolean>`user_id = ${ownerId} and ${condition}`
  const items = stamped('deed_items', 'deed_item_id')
  const goals = stamped('goals', 'goal_id')
  const scales = stamped('scales', 'scale_id')
  return {
    rows: mine(sql`deletion_id = ${deletionId}`),
    ofItems: mine(sql`deed_item_id in ${items}`),
    ofGoals: mine(sql`goal_id in ${goals}`),
    ofScales: mine(sql`scale_id in ${scales}`),
    ofGoalsOrItems: mine(sql`(goal_id in ${goals} or deed_item_id in ${items})`),
    deeds: stamped('deeds', 'deed_id'),
    items,
    goals,
    scales,
  }
}

/**
 * TREE-4 Deletes what a deletion took, with its entries and their history, for good: in statements of a bounded size, each row before
 * those that it hangs from, so that a run that was broken off is gone on with by the next. The deletion itself goes last.
 */
export async function purgeDeletion(db: Database, deletion: DueDeletion, batching: Batching): Promise<void> {
  const stamps = stampsOf(deletion)
  await blankAudit(db, deletion, batching)
  await sealGoalsAsking(db, deletion)
  await deleteInBatches(db, ownedTable('deletions'), takenBack(deletion), batching)
  const remove = (table: string, condition: RawBuilder<boolean>) =>
    deleteInBatches(db, ownedTable(table), condition, batching)
  await remove('entries', stamps.ofItems)
  await deleteInBatches(db, entryHistory, stamps.ofItems, batching)
  await remove('goal_items', stamps.ofGoalsOrItems)
  await remove('notification_deliveries', stamps.ofGoals)
  await remove('goals', stamps.rows)
  await remove('item_access', stamps.ofItems)
  await remove('permissions', stamps.ofItems)
  await remove('scale_values', stamps.ofScales)
  await remove('scales', stamps.rows)
  await remove('deed_items', stamps.rows)
  await remove('deeds', stamps.rows)
  await endPurge(db, deletion)
}

/** Deletions of the same that were taken back before: they tell its name, too. */
function takenBack(deletion: DueDeletion) {
  const { deeds, items, goals } = stampsOf(deletion)
  return sql<boolean>`user_id = ${deletion.ownerId} and restored_at is not null and (
    kind = 'deed' and root_id in ${deeds} or kind = 'deed_item' and root_id in ${items} or kind = 'goal' and root_id in ${goals}
  )`
}

/** The log tells no more what the rows held. */
async function blankAudit(db: Database, deletion: DueDeletion, batching: Batching): Promise<void> {
  const { deeds, items, goals, scales } = stampsOf(deletion)
  const { ownerId, deletionId } = deletion
  const below = (table: string, key: string, above: string, keys: RawBuilder<unknown>) =>
    sql`(select ${sql.ref(key)} from ${sql.table(table)} where user_id = ${ownerId} and ${sql.ref(above)} in ${keys})`
  const told: [table: string, keys: RawBuilder<unknown>][] = [
    ['deeds', deeds],
    ['deed_items', items],
    ['goals', goals],
    ['scales', scales],
    ['goal_items', below('goal_items', 'goal_item_id', 'goal_id', goals)],
    ['scale_values', below('scale_values', 'scale_value_id', 'scale_id', scales)],
    ['permissions', below('permissions', 'permission_id', 'deed_item_id', items)],
    [
      'deletions',
      sql`(select deletion_id from deletions where deletion_id = ${deletionId} and user_id = ${ownerId} or ${takenBack(deletion)})`,
    ],
  ]
  for (const [table, keys] of told) {
    const isTold = sql<boolean>`user_id = ${ownerId} and table_name = ${table}
      and record_id in (select key::text from ${keys} as purged (key))`
    await blankInBatches(db, auditLog, isTold, ['old_values', 'new_values'], batching)
  }
}

/** GOAL-4 A goal that asked for all of several things is not met by the rest of them: it keeps the completion that it has, or has none. */
async function sealGoalsAsking(db: Database, deletion: DueDeletion): Promise<void> {
  const { ownerId } = deletion
  const { items } = stampsOf(deletion)
  await sql`
    update goals set sealed_at = now()
    where user_id = ${ownerId} and sealed_at is null and deleted_at is null and match_type = 'and' and goal_id in (
      select goal_id from goal_items where user_id = ${ownerId} and deleted_at is null and deed_item_id in ${items}
    )`.execute(db)
}

async function endPurge(db: Database, { ownerId, deletionId }: DueDeletion): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom('deletions')
      .where('user_id', '=', ownerId)
      .where('deletion_id', '=', deletionId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) return
    await tx
      .insertInto('audit_log')
      .values({ user_id: ownerId, action_type: 'deletions.purged', table_name: 'deletions', record_id: deletionId })
      .execute()
  })
}
