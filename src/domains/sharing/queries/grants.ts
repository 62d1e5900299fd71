import { sql } from 'kysely'
import type { PermissionType } from '../../../generated/database.ts'
import { anyOf } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { lockRelations } from './requests.ts'

/** What a permission on an item is to be. */
export interface Grant {
  itemId: string
  type: PermissionType
  includesDescendants: boolean
  sharesNotes: boolean
  backfillDays: number
  expiresAt: string | null
}

/** The live items of these that the owner has, and whether they are private. */
export function itemsToGrant(tx: Database, ownerId: UserId, itemIds: readonly string[]) {
  return tx
    .selectFrom('deed_items')
    .where('user_id', '=', ownerId)
    .where('deed_item_id', '=', anyOf(itemIds))
    .where('deleted_at', 'is', null)
    .select(['deed_item_id as itemId', 'is_private as isPrivate'])
    .execute()
}

/** The first of these grants, counted from 0, that would be over before anybody saw a thing; null: none. */
export async function firstOver(tx: Database, grants: readonly Grant[]): Promise<number | null> {
  const ends = grants.map(({ expiresAt }) => expiresAt)
  if (ends.every((at) => at === null)) return null
  const { rows } = await sql<{ place: number }>`
    select (place - 1)::integer as place from unnest(${ends}::timestamptz[]) with ordinality as term (expires_at, place)
    where expires_at <= now() order by place limit 1`.execute(tx)
  return rows[0]?.place ?? null
}

/** Whose the grants are, in which relation, and to whom. */
export interface GrantPlace {
  ownerId: UserId
  relationId: string
  requesterId: UserId
}

/**
 * SHA-3 Makes the permissions of a relation what these grants say: closes those that differ, and writes the next version; what is the
 * same stays. Answers the id of each by its item.
 */
export async function writeGrants(
  tx: Database,
  place: GrantPlace,
  grants: readonly Grant[],
): Promise<Map<string, string>> {
  const { ownerId, relationId, requesterId } = place
  const terms = termsOf(grants)
  await sql`
    update permissions set is_active = false, revoked_at = now()
    from ${terms}
    where permissions.user_id = ${ownerId} and permissions.relation_id = ${relationId} and permissions.is_active
      and permissions.deed_item_id = term.item_id
      and (permissions.permission_type, permissions.includes_descendants, permissions.shares_notes, permissions.backfill_days,
        permissions.expires_at)
      is distinct from (term.type, term.includes_descendants, term.shares_notes, term.backfill_days, term.expires_at)
  `.execute(tx)
  await sql`
    insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type, includes_descendants, shares_notes,
      backfill_days, expires_at)
    select ${ownerId}, ${relationId}, ${requesterId}, term.item_id, term.type, term.includes_descendants, term.shares_notes,
      term.backfill_days, term.expires_at
    from ${terms}
    where not exists (
      select from permissions
      where permissions.user_id = ${ownerId} and permissions.relation_id = ${relationId} and permissions.is_active
        and permissions.deed_item_id = term.item_id
    )
    order by term.place
  `.execute(tx)
  const written = await tx
    .selectFrom('permissions')
    .where('user_id', '=', ownerId)
    .where('relation_id', '=', relationId)
    .where('is_active', '=', true)
    .where('deed_item_id', '=', anyOf(grants.map(({ itemId }) => itemId)))
    .select(['deed_item_id as itemId', 'permission_id as permissionId'])
    .execute()
  return new Map(written.map(({ itemId, permissionId }) => [itemId, permissionId]))
}

function termsOf(grants: readonly Grant[]) {
  const items = grants.map(({ itemId }) => itemId)
  const types = grants.map(({ type }) => type)
  const subtrees = grants.map(({ includesDescendants }) => includesDescendants)
  const notes = grants.map(({ sharesNotes }) => sharesNotes)
  const days = grants.map(({ backfillDays }) => backfillDays)
  const ends = grants.map(({ expiresAt }) => expiresAt)
  return sql`unnest(${items}::bigint[], ${types}::permission_type[], ${subtrees}::boolean[], ${notes}::boolean[], ${days}::integer[],
      ${ends}::timestamptz[]) with ordinality
    as term (item_id, type, includes_descendants, shares_notes, backfill_days, expires_at, place)`
}

/** SHA-9 Closes these permissions of the owner's, as far as they are open; answers which there are at all. */
export async function closePermissions(
  tx: Database,
  ownerId: UserId,
  permissionIds: readonly string[],
): Promise<Set<string>> {
  const known = await tx
    .selectFrom('permissions')
    .where('user_id', '=', ownerId)
    .where('permission_id', '=', anyOf(permissionIds))
    .select(['permission_id as permissionId', 'relation_id as relationId'])
    .execute()
  await lockRelations(tx, ownerId, [...new Set(known.map(({ relationId }) => relationId))])
  await tx
    .updateTable('permissions')
    .where('user_id', '=', ownerId)
    .where('permission_id', '=', anyOf(permissionIds))
    .where('is_active', '=', true)
    .set({ is_active: false, revoked_at: sql<string>`now()` })
    .execute()
  return new Set(known.map(({ permissionId }) => permissionId))
}
