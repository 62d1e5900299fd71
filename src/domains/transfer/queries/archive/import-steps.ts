import { sql } from 'kysely'
import type { Database, UserId } from '../../../../platform/database/types.ts'

// SQL of `kitaab_worker`, in the transaction of an import.

/** Says for whom the transaction works and that it brings an archive, and takes the owner's lock. False: there is no such person. */
export async function beginImport(tx: Database, ownerId: UserId): Promise<boolean> {
  await sql`select set_config('app.user_id', ${ownerId}, true), set_config('app.archive', 'on', true)`.execute(tx)
  const locked = await tx
    .selectFrom('owner_state')
    .where('user_id', '=', ownerId)
    .select('user_id')
    .forNoKeyUpdate()
    .executeTakeFirst()
  return locked !== undefined
}

/** How many rows of the owner each of these tables has. */
export async function countRows(
  tx: Database,
  ownerId: UserId,
  tables: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = sql.join(
    tables.map(
      (table) =>
        sql`select ${table} as name, count(*)::int as rows from ${sql.table(table)} where user_id = ${ownerId}`,
    ),
    sql` union all `,
  )
  const { rows } = await sql<{ name: string; rows: number }>`${counts}`.execute(tx)
  return new Map(rows.map((row) => [row.name, row.rows]))
}

export interface Preferences {
  readonly timeZone: string
  readonly dayStartMinutes: number
  readonly weekStart: number
  readonly locale: string
}

export async function storePreferences(tx: Database, ownerId: UserId, preferences: Preferences): Promise<void> {
  await tx
    .updateTable('users')
    .where('user_id', '=', ownerId)
    .set({
      time_zone: preferences.timeZone,
      day_start_minutes: preferences.dayStartMinutes,
      week_start: preferences.weekStart,
      locale: preferences.locale,
    })
    .execute()
}

/** TREE-4 What was deleted long ago stays restorable for as long as something that is deleted now. */
export async function keepDeletions(tx: Database, ownerId: UserId): Promise<void> {
  await sql`update deletions set purge_after = now() + interval '90 days'
    where user_id = ${ownerId} and purge_after < now() + interval '90 days'`.execute(tx)
}

/** What waits for the end of the transaction is checked now, while there is somebody to tell. */
export async function checkWhatWaits(tx: Database): Promise<void> {
  await sql`set constraints all immediate`.execute(tx)
}

export async function auditImport(tx: Database, ownerId: UserId, rows: number): Promise<void> {
  await sql`
    insert into audit_log (user_id, actor_id, action_type, table_name, record_id, new_values)
    values (${ownerId}, ${ownerId}, 'archives.imported', 'users', ${ownerId}, ${JSON.stringify({ row_count: rows })}::jsonb)`.execute(
    tx,
  )
}

/** Does a part of the transaction that may fail without the rest: then it was never done, and what it failed by is thrown. */
export async function trying(tx: Database, work: () => Promise<void>): Promise<void> {
  await sql`savepoint archive_batch`.execute(tx)
  try {
    await work()
    await sql`release savepoint archive_batch`.execute(tx)
  } catch (error) {
    await sql`rollback to savepoint archive_batch`.execute(tx)
    throw error
  }
}
