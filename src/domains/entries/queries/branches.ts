import { type RawBuilder, sql } from 'kysely'
import type { UserId } from '../../../platform/database/types.ts'

/** These items, with those below unless said otherwise. The policies show only visible items, so nothing leads through a hidden one. */
export function branches(
  ownerId: UserId,
  itemIds: readonly string[],
  includeDescendants: boolean | null | undefined,
): RawBuilder<string> {
  if (includeDescendants === false) return sql<string>`(select unnest(${itemIds}::bigint[]))`
  return sql<string>`(
    with recursive branch (id) as (
      select deed_item_id from deed_items
      where user_id = ${ownerId} and deed_item_id = any(${itemIds}::bigint[]) and deleted_at is null
      union
      select child.deed_item_id
      from branch
      join deed_items as child on child.user_id = ${ownerId} and child.parent_deed_item_id = branch.id
      where child.deleted_at is null
    )
    select id from branch
  )`
}
