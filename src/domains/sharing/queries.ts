import type { ExpressionBuilder } from 'kysely'
import { sql } from 'kysely'
import { anyOf, idsIn } from '../../platform/database/any-of.ts'
import { builder, prepared } from '../../platform/database/prepared.ts'
import type { Database, Tables, UserId } from '../../platform/database/types.ts'
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
  const ownerIds = keys.map((key) => key.ownerId)
  return accessByIds(db, { viewerId, ownerIds, itemIds: keys.map((key) => key.itemId) })
}

const accessByIds = prepared(
  (
    db,
    { viewerId, ownerIds, itemIds }: { viewerId: UserId; ownerIds: readonly UserId[]; itemIds: readonly string[] },
  ) =>
    builder(
      accessOfViewer(db, viewerId).where(
        idsIn(['item_access.user_id', 'item_access.deed_item_id'], [ownerIds, itemIds]),
      ),
    ),
)

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

// ------------------------------------------------------------------------------------------------ conditions for domains above

/** Whether the viewer was granted this item: a condition beside `deed_items.user_id = viewer`. */
export function isSharedItem(eb: ExpressionBuilder<Tables, 'deed_items'>, viewerId: UserId) {
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
export function isSharedDeed(eb: ExpressionBuilder<Tables, 'deeds'>, viewerId: UserId) {
  return eb.exists(
    eb
      .selectFrom('item_access')
      .whereRef('item_access.user_id', '=', 'deeds.user_id')
      .whereRef('item_access.deed_id', '=', 'deeds.deed_id')
      .where('item_access.viewer_id', '=', viewerId)
      .where(notOver('item_access.expires_at')),
  )
}

/** Whether the viewer was granted to record for this item of somebody else's. */
export function mayBeRecorded(viewerId: UserId) {
  return sql<boolean>`exists (
    select from item_access
    where item_access.user_id = deed_items.user_id and item_access.deed_item_id = deed_items.deed_item_id
      and item_access.viewer_id = ${viewerId} and ${notOver('item_access.expires_at')} and ${mayRecord()}
  )`
}
