import { type InferResult, sql } from 'kysely'
import { anyOf, pairsIn } from '../../../platform/database/any-of.ts'
import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { notOver } from '../queries.ts'
import type { GrantingKey, RelationRow } from './relations.ts'

/** Of a permission's item, live: the owner's own, or with the requester of it, who sees it by `item_access`. */
const isSeen = sql<boolean>`exists (
  select from item_access
  where item_access.user_id = permissions.user_id and item_access.viewer_id = permissions.requester_id
    and item_access.deed_item_id = permissions.deed_item_id
)`

/** The permissions that the viewer granted, past ones among them; and those granted to them, while they show something (SHA-3, SHA-9). */
export function visiblePermissions(db: Database, viewerId: UserId) {
  return db
    .selectFrom('permissions')
    .where((eb) =>
      eb.or([
        eb('permissions.user_id', '=', viewerId),
        eb.and([eb('permissions.requester_id', '=', viewerId), isCurrent(), isSeen]),
      ]),
    )
    .select([
      'permissions.user_id as ownerId',
      'permissions.permission_id as permissionId',
      'permissions.relation_id as relationId',
      'permissions.deed_item_id as itemId',
      'permissions.permission_type as type',
      'permissions.includes_descendants as includesDescendants',
      'permissions.shares_notes as sharesNotes',
      'permissions.backfill_days as backfillDays',
      'permissions.expires_at as expiresAt',
      'permissions.version_number as versionNumber',
      sql<boolean>`${isCurrent()} and ${isSeen}`.as('isEffective'),
      'permissions.granted_at as grantedAt',
      'permissions.revoked_at as revokedAt',
    ])
}

export type PermissionRow = InferResult<ReturnType<typeof visiblePermissions>>[number]
export type PermissionPage = Page<PermissionRow>

export interface PermissionKey {
  ownerId: UserId
  permissionId: string
}

/** Neither revoked, changed nor run out. */
function isCurrent() {
  return sql<boolean>`(permissions.is_active and ${notOver('permissions.expires_at')})`
}

export function permissionsByKeys(db: Database, viewerId: UserId, keys: readonly PermissionKey[]) {
  return visiblePermissions(db, viewerId)
    .where(
      pairsIn(
        ['permissions.user_id', 'permissions.permission_id'],
        keys.map((key) => [key.ownerId, key.permissionId]),
      ),
    )
    .execute()
}

/** What is granted now in each relation, in the order in which it was granted. */
export function permissionsOfRelations(db: Database, viewerId: UserId, keys: readonly GrantingKey[]) {
  return visiblePermissions(db, viewerId)
    .where(isCurrent())
    .where(
      pairsIn(
        ['permissions.user_id', 'permissions.relation_id'],
        keys.map((key) => [key.ownerId, key.relationId]),
      ),
    )
    .orderBy('permissions.granted_at')
    .orderBy('permissions.permission_id')
    .execute()
}

/** The permissions that stand on this very item of the owner's, in the order in which they were granted. */
export async function permissionsOnItem(db: Database, ownerId: UserId, itemId: string): Promise<PermissionKey[]> {
  return visiblePermissions(db, ownerId)
    .where(isCurrent())
    .where('permissions.user_id', '=', ownerId)
    .where('permissions.deed_item_id', '=', itemId)
    .orderBy('permissions.granted_at')
    .orderBy('permissions.permission_id')
    .execute()
}

/** What the viewer granted in a relation and is over, the latest first; of a relation in which others grant, nothing. */
export function pastPermissions(
  db: Database,
  viewerId: UserId,
  { direction, relationId }: RelationRow,
  { first, after }: { first: number; after: string | null },
): Promise<PermissionPage> {
  const granted = visiblePermissions(db, viewerId)
    .where('permissions.user_id', '=', viewerId)
    .where('permissions.relation_id', '=', sql<string>`${direction === 'RECEIVED' ? relationId : null}::bigint`)
    .where(sql<boolean>`not ${isCurrent()}`)
  return keysetPage(db, granted, {
    order: [
      { column: 'permissions.granted_at', direction: 'desc' },
      { column: 'permissions.permission_id', direction: 'desc' },
    ],
    first,
    after,
    scope: ['pastPermissions', viewerId, direction, relationId],
  })
}

/** Somebody who sees an item, by a permission on it or on what is above it. */
export interface ItemViewerRow {
  ownerId: UserId
  itemId: string
  viewerId: UserId
  permissionId: string
  grantedOnId: string
}

/** Who sees these items of the viewer's own, and by which permissions (SHA-4): from each item up, as far as nothing is private. */
export async function viewersOfItems(db: Database, ownerId: UserId, itemIds: readonly string[]) {
  const { rows } = await sql<ItemViewerRow>`
    with recursive upward (item_id, node_id, parent_id) as (
      select deed_item_id, deed_item_id, parent_deed_item_id from deed_items
      where user_id = ${ownerId} and deed_item_id = ${anyOf(itemIds)} and not is_private and deleted_at is null
      union all
      select upward.item_id, node.deed_item_id, node.parent_deed_item_id
      from upward
      join deed_items as node on node.user_id = ${ownerId} and node.deed_item_id = upward.parent_id and not node.is_private
    )
    select permissions.user_id as "ownerId", upward.item_id as "itemId", permissions.requester_id as "viewerId",
      permissions.permission_id as "permissionId", upward.node_id as "grantedOnId"
    from upward
    join permissions on permissions.user_id = ${ownerId} and permissions.deed_item_id = upward.node_id
      and ${isCurrent()} and (permissions.includes_descendants or upward.node_id = upward.item_id)
    order by permissions.requester_id, permissions.granted_at, permissions.permission_id
  `.execute(db)
  return rows
}
