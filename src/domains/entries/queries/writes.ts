import { sql } from 'kysely'
import { prepared, text } from '../../../platform/database/prepared.ts'
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
export function upsertEntries(db: Database, viewerId: UserId, writes: readonly EntryWrite[]): Promise<EntryRow[]> {
  return upsert(db, {
    viewerId,
    ...versionsOf(writes),
    scaleIds: writes.map(({ value }) => value.scaleId),
    scaleValueIds: writes.map(({ value }) => value.scaleValueId),
    counts: writes.map(({ value }) => value.count),
    notes: writes.map(({ value }) => value.notes),
  })
}

interface Versions {
  ownerIds: string[]
  itemIds: string[]
  dates: string[]
  rowVersions: number[]
}

interface Upsert extends Versions {
  viewerId: UserId
  scaleIds: (string | null)[]
  scaleValueIds: (string | null)[]
  counts: (string | null)[]
  notes: (string | null)[]
}

const upsert = prepared(
  (_db, { viewerId, ownerIds, itemIds, dates, rowVersions, scaleIds, scaleValueIds, counts, notes }: Upsert) =>
    text(sql<EntryRow>`
    insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id, count_value, notes)
    select * from unnest(
      ${ownerIds}::bigint[], ${itemIds}::bigint[], ${dates}::date[], ${scaleIds}::bigint[],
      ${scaleValueIds}::bigint[], ${counts}::numeric[], ${notes}::text[]
    )
    order by 1, 2, 3
    on conflict (user_id, deed_item_id, entry_date) do update set
      scale_id = excluded.scale_id, scale_value_id = excluded.scale_value_id, count_value = excluded.count_value,
      notes = excluded.notes, updated_by_user_id = excluded.updated_by_user_id, origin = excluded.origin, deleted_at = null
    where ${isInVersion({ ownerIds, itemIds, dates, rowVersions })}
    returning ${sql.join(entryColumns(viewerId))}`),
)

/** Makes the days unknown again, and answers those that were still in the version that the decision was made on. */
export async function clearEntries(db: Database, viewerId: UserId, rows: readonly RowVersion[]): Promise<DayOfItem[]> {
  const { rows: cleared } = await sql<DayOfItem>`
    update entries set deleted_at = now(), updated_by_user_id = ${viewerId}, origin = app_origin()
    where ${isInVersion(versionsOf(rows))}
    returning user_id as "ownerId", deed_item_id as "itemId", entry_date as date`.execute(db)
  return cleared
}

export type DayOfItem = Omit<RowVersion, 'rowVersion'>

function versionsOf(rows: readonly RowVersion[]): Versions {
  return {
    ownerIds: rows.map(({ ownerId }) => ownerId),
    itemIds: rows.map(({ itemId }) => itemId),
    dates: rows.map(({ date }) => date),
    rowVersions: rows.map(({ rowVersion }) => rowVersion),
  }
}

function isInVersion({ ownerIds, itemIds, dates, rowVersions }: Versions) {
  return sql<boolean>`(entries.user_id, entries.deed_item_id, entries.entry_date, entries.version) in (
    select * from unnest(${ownerIds}::bigint[], ${itemIds}::bigint[], ${dates}::date[], ${rowVersions}::integer[])
  )`
}
