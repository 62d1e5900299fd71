import { sql } from 'kysely'
import { rowsInBatches } from '../../../../platform/database/rows-in-batches.ts'
import type { Database, UserId } from '../../../../platform/database/types.ts'

/** The columns of `entries.csv`, and what they say. */
export const entriesTable = {
  date: 'The day.',
  category: 'HASANAAT or SAIYYIAAT.',
  deed: 'The name of the deed.',
  item: 'The name of the item, behind those that it is below: `Prayers / Fajr`.',
  value: 'The name of the value, by a scale.',
  score: 'What that value is worth, 0 to 1.',
  count: 'The value, by a count.',
  unit: 'What is counted.',
  notes: 'The note.',
  origin: 'How the value came in.',
  updatedAt: 'When it was changed last.',
} as const

export type EntriesTableRow = Readonly<Record<keyof typeof entriesTable, string | null>>

/** Entries with names, for spreadsheets: of days that are recorded and items that are there. */
export function entriesWithNames(db: Database, ownerId: UserId): AsyncGenerator<EntriesTableRow[], void> {
  return rowsInBatches(
    db,
    sql<EntriesTableRow>`
      with recursive paths as (
        select user_id, deed_id, deed_item_id, name as path from deed_items
        where user_id = ${ownerId} and parent_deed_item_id is null and deleted_at is null
        union all
        select item.user_id, item.deed_id, item.deed_item_id, paths.path || ' / ' || item.name
        from paths
        join deed_items as item on item.user_id = paths.user_id and item.parent_deed_item_id = paths.deed_item_id
        where item.deleted_at is null
      )
      select e.entry_date as date, upper(deeds.category_type::text) as category, deeds.name as deed, paths.path as item,
        v.value_name as value, trim_scale(v.normalized_score)::text as score, trim_scale(e.count_value)::text as count, deeds.unit,
        e.notes, upper(e.origin::text) as origin,
        to_char(e.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "updatedAt"
      from entries as e
      join paths on paths.user_id = e.user_id and paths.deed_item_id = e.deed_item_id
      join deeds on deeds.user_id = paths.user_id and deeds.deed_id = paths.deed_id
      left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id
      where e.user_id = ${ownerId} and e.deleted_at is null
      order by e.entry_date, deeds.category_type, deeds.display_order, deeds.deed_id, e.deed_item_id`,
  )
}
