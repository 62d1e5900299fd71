import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { EntryRow } from '../queries.ts'
import type { StoredValue } from '../rules.ts'
import { entryColumns } from './visible.ts'

/** Names the row of one item and day, in the version that a decision was made on; 0 where there was no row. */
export interface RowVersion {
  readonly ownerId: string
  readonly itemId: string
  readonly date: string
  readonly rowVersion: number
}

/** What a row is to hold. */
export interface EntryWrite extends RowVersion {
  readonly value: StoredValue
}

/**
 * ENT-2 Writes the rows, each at most once, by one upsert in key order, and answers those that were still in the
 * version that the decision was made on. The others were changed by somebody meanwhile, are untouched, and are locked
 * until this transaction ends: a decision made anew will hold.
 */
export async function upsertEntries(
  db: Database,
  viewerId: UserId,
  writes: readonly EntryWrite[],
): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id, count_value, notes)
    select * from unnest(
      ${writes.map(({ ownerId }) => ownerId)}::bigint[], ${writes.map(({ itemId }) => itemId)}::bigint[],
      ${writes.map(({ date }) => date)}::date[], ${writes.map(({ value }) => value.scaleId)}::bigint[],
      ${writes.map(({ value }) => value.scaleValueId)}::bigint[], ${writes.map(({ value }) => value.count)}::numeric[],
      ${writes.map(({ value }) => value.notes)}::text[]
    )
    order by 1, 2, 3
    on conflict (user_id, deed_item_id, entry_date) do update set
      scale_id = excluded.scale_id, scale_value_id = excluded.scale_value_id, count_value = excluded.count_value,
      notes = excluded.notes, updated_by_user_id = excluded.updated_by_user_id, origin = excluded.origin, deleted_at = null
    where ${isInVersion(writes)}
    returning ${sql.join(entryColumns(viewerId))}`.execute(db)
  return rows
}

/** Makes the days unknown again, and answers those that were still in the version that the decision was made on. */
export async function clearEntries(db: Database, viewerId: UserId, rows: readonly RowVersion[]): Promise<DayOfItem[]> {
  const { rows: cleared } = await sql<DayOfItem>`
    update entries set deleted_at = now(), updated_by_user_id = ${viewerId}, origin = app_origin()
    where ${isInVersion(rows)}
    returning user_id as "ownerId", deed_item_id as "itemId", entry_date as date`.execute(db)
  return cleared
}

export type DayOfItem = Omit<RowVersion, 'rowVersion'>

function isInVersion(rows: readonly RowVersion[]) {
  return sql<boolean>`(entries.user_id, entries.deed_item_id, entries.entry_date, entries.version) in (
    select * from unnest(
      ${rows.map(({ ownerId }) => ownerId)}::bigint[], ${rows.map(({ itemId }) => itemId)}::bigint[],
      ${rows.map(({ date }) => date)}::date[], ${rows.map(({ rowVersion }) => rowVersion)}::integer[]
    )
  )`
}
