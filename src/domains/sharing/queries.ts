import type { ExpressionBuilder, InferResult } from 'kysely'
import { sql } from 'kysely'
import type { DB, RelationStatus } from '../../generated/database.ts'
import { anyOf, pairsIn } from '../../platform/database/any-of.ts'
import { keysetPage } from '../../platform/database/keyset.ts'
import type { Page } from '../../platform/database/page.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import type { AccessKey } from './rules.ts'

// ------------------------------------------------------------------------------------------------ access

/** What others share with the viewer, a row per item, as far as it has not run out (SHA-5). */
export function accessOfViewer(db: Database, viewerId: UserId) {
  return db
    .selectFrom('item_access')
    .where('item_access.viewer_id', '=', viewerId)
    .where(notOver('item_access.expires_at'))
    .select([
      'item_access.user_id as ownerId',
      'item_access.deed_item_id as itemId',
      'item_access.deed_id as deedId',
      mayRecord().as('mayRecord'),
      sql<boolean>`item_access.shares_notes and ${notOver('item_access.notes_expires_at')}`.as('sharesNotes'),
      'item_access.backfill_days as backfillDays',
      'item_access.expires_at as expiresAt',
    ])
}

/** What the viewer was granted on these items; no row where that is nothing. Their own items need no grant and have none. */
export function accessToItems(db: Database, viewerId: UserId, keys: readonly AccessKey[]) {
  return accessOfViewer(db, viewerId)
    .where(
      pairsIn(
        ['item_access.user_id', 'item_access.deed_item_id'],
        keys.map((key) => [key.ownerId, key.itemId]),
      ),
    )
    .execute()
}

/** Everybody's access to some items of one owner, for the owner: what SHA-10 compares. */
export function accessOfOthers(db: Database, ownerId: UserId, itemIds: readonly string[]) {
  return db
    .selectFrom('item_access')
    .where('item_access.user_id', '=', ownerId)
    .where('item_access.deed_item_id', '=', anyOf(itemIds))
    .where(notOver('item_access.expires_at'))
    .select([
      'item_access.viewer_id as viewerId',
      'item_access.deed_item_id as itemId',
      mayRecord().as('mayRecord'),
      sql<boolean>`item_access.shares_notes and ${notOver('item_access.notes_expires_at')}`.as('sharesNotes'),
      'item_access.backfill_days as backfillDays',
      'item_access.expires_at as expiresAt',
      'item_access.write_expires_at as writeExpiresAt',
      'item_access.notes_expires_at as notesExpiresAt',
    ])
    .orderBy('item_access.viewer_id')
    .orderBy('item_access.deed_item_id')
    .execute()
}

/** SHA-9 Whether an instant (null: never) is still to come. */
export function notOver(column: 'item_access.expires_at' | 'item_access.notes_expires_at' | 'permissions.expires_at') {
  return sql<boolean>`(${sql.ref(column)} is null or ${sql.ref(column)} > now())`
}

function mayRecord() {
  return sql<boolean>`item_access.may_write and (item_access.write_expires_at is null or item_access.write_expires_at > now())`
}

// ------------------------------------------------------------------------------------------------ relations

/**
 * The live relations of the viewer, as the viewer sees them (SHA-1, SHA-2): to the requester what was declined or
 * blocked looks pending, and who was asked stays unnamed until they accept. Unanswered ones end after 30 days.
 */
export function visibleRelations(db: Database, viewerId: UserId) {
  const sent = sql<boolean>`relations.requester_id = ${viewerId}`
  const seenStatus = statusFor(viewerId)
  return db
    .selectFrom('relations')
    .where('relations.deleted_at', 'is', null)
    .where((eb) => eb.or([eb('relations.requestee_id', '=', viewerId), eb('relations.requester_id', '=', viewerId)]))
    .where(sql<boolean>`(${seenStatus} <> 'pending' or relations.created_at > now() - interval '30 days')`)
    .select([
      'relations.requestee_id as ownerId',
      'relations.relation_id as relationId',
      'relations.requester_id as requesterId',
      sql<UserId | null>`case when not ${sent} or relations.status = 'accepted' then relations.requestee_id end`.as(
        'requesteeId',
      ),
      sql<string | null>`case when ${sent} then relations.sent_to end`.as('sentTo'),
      sql<'SENT' | 'RECEIVED'>`case when ${sent} then 'SENT' else 'RECEIVED' end`.as('direction'),
      seenStatus.as('status'),
      'relations.created_at as createdAt',
      sql<string | null>`case when not ${sent} or relations.status = 'accepted' then relations.responded_at end`.as(
        'respondedAt',
      ),
    ])
}

export type RelationRow = InferResult<ReturnType<typeof visibleRelations>>[number]
export type RelationPage = Page<RelationRow>

export interface RelationKey {
  ownerId: UserId
  relationId: string
}

function statusFor(viewerId: UserId) {
  return sql<RelationStatus>`case when relations.requester_id = ${viewerId} and relations.status <> 'accepted'
    then 'pending' else relations.status end`
}

export function relationsByKeys(db: Database, viewerId: UserId, keys: readonly RelationKey[]) {
  return visibleRelations(db, viewerId)
    .where(
      pairsIn(
        ['relations.requestee_id', 'relations.relation_id'],
        keys.map((key) => [key.ownerId, key.relationId]),
      ),
    )
    .execute()
}

/** All relations between the viewer and these people, the latest first; `otherId` is the other side. */
export function relationsWith(db: Database, viewerId: UserId, userIds: readonly UserId[]) {
  const other = sql<UserId>`case when relations.requester_id = ${viewerId} then relations.requestee_id else relations.requester_id end`
  return visibleRelations(db, viewerId)
    .where(other, '=', anyOf(userIds))
    .select(other.as('otherId'))
    .orderBy('relations.created_at', 'desc')
    .orderBy('relations.relation_id', 'desc')
    .execute()
}

export interface RelationPageOptions {
  direction: 'SENT' | 'RECEIVED' | null
  status: RelationStatus | null
  first: number
  after: string | null
}

/** A page of the viewer's relations, the latest first; direction and status as the viewer sees them. */
export function relationsPage(
  db: Database,
  viewerId: UserId,
  { direction, status, first, after }: RelationPageOptions,
): Promise<RelationPage> {
  let relations = visibleRelations(db, viewerId)
  if (direction === 'SENT') relations = relations.where('relations.requester_id', '=', viewerId)
  if (direction === 'RECEIVED') relations = relations.where('relations.requestee_id', '=', viewerId)
  if (status) relations = relations.where(statusFor(viewerId), '=', status)
  return keysetPage(db, relations, {
    order: [
      { column: 'relations.created_at', direction: 'desc' },
      { column: 'relations.relation_id', direction: 'desc' },
    ],
    first,
    after,
    scope: ['relations', viewerId, direction, status],
  })
}

// ------------------------------------------------------------------------------------------------ permissions

/** What is granted now, by the viewer or to them: the current version of each permission, unless it ran out (SHA-3, SHA-9). */
export function visiblePermissions(db: Database, viewerId: UserId) {
  return db
    .selectFrom('permissions')
    .where('permissions.is_active', '=', true)
    .where(notOver('permissions.expires_at'))
    .where((eb) => eb.or([eb('permissions.user_id', '=', viewerId), eb('permissions.requester_id', '=', viewerId)]))
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
      'permissions.granted_at as grantedAt',
    ])
}

export type PermissionRow = InferResult<ReturnType<typeof visiblePermissions>>[number]

export interface PermissionKey {
  ownerId: UserId
  permissionId: string
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

/** The permissions of each relation, in the order in which they were granted. */
export function permissionsOfRelations(db: Database, viewerId: UserId, keys: readonly RelationKey[]) {
  return visiblePermissions(db, viewerId)
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

// ------------------------------------------------------------------------------------------------ conditions for domains above

/** Whether the viewer was granted this item: a condition beside `deed_items.user_id = viewer`. */
export function isSharedItem(eb: ExpressionBuilder<DB, 'deed_items'>, viewerId: UserId) {
  return eb.exists(
    eb
      .selectFrom('item_access')
      .whereRef('item_access.user_id', '=', 'deed_items.user_id')
      .whereRef('item_access.deed_item_id', '=', 'deed_items.deed_item_id')
      .where('item_access.viewer_id', '=', viewerId)
      .where(notOver('item_access.expires_at')),
  )
}

/** Whether the viewer was granted anything of this deed: a condition beside `deeds.user_id = viewer`. */
export function isSharedDeed(eb: ExpressionBuilder<DB, 'deeds'>, viewerId: UserId) {
  return eb.exists(
    eb
      .selectFrom('item_access')
      .whereRef('item_access.user_id', '=', 'deeds.user_id')
      .whereRef('item_access.deed_id', '=', 'deeds.deed_id')
      .where('item_access.viewer_id', '=', viewerId)
      .where(notOver('item_access.expires_at')),
  )
}
