import type { InferResult } from 'kysely'
import { sql } from 'kysely'
import { anyOf, idsIn } from '../../platform/database/any-of.ts'
import { builder, prepared } from '../../platform/database/prepared.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { isSharedDeed, isSharedItem, mayBeRecorded } from '../sharing/queries.ts'
import type { ItemTree } from './rules.ts'

export * from './queries/scales.ts'

export interface DeedKey {
  ownerId: UserId
  deedId: string
}

export interface ItemKey {
  ownerId: UserId
  itemId: string
}

// ------------------------------------------------------------------------------------------------ deeds

/**
 * The live deeds that the viewer may see. Of somebody else's (declared with `db.reading`) only what SHA-6 shows: name,
 * category, measure and unit. The rest is what it would be if the deed held nothing but the shared items: no
 * description, version 1, not hidden, changed when the last of those was made; `displayOrder` is left to `deedsAsSeen`.
 */
export function visibleDeeds(db: Database, viewerId: UserId) {
  const own = sql<boolean>`deeds.user_id = ${viewerId}`
  return db
    .selectFrom('deeds')
    .where('deeds.deleted_at', 'is', null)
    .where((eb) => eb.or([eb('deeds.user_id', '=', viewerId), isSharedDeed(eb, viewerId)]))
    .select([
      'deeds.user_id as ownerId',
      'deeds.deed_id as deedId',
      'deeds.category_type as category',
      'deeds.name',
      sql<string | null>`case when ${own} then deeds.description end`.as('description'),
      'deeds.measure_type as measure',
      'deeds.unit',
      'deeds.display_order as displayOrder',
      sql<boolean>`${own} and not deeds.is_active`.as('isHidden'),
      sql<number>`case when ${own} then deeds.version else 1 end`.as('version'),
      sql<string>`case when ${own} then deeds.created_at else ${ofSharedItems('min(item.created_at)')} end`.as(
        'createdAt',
      ),
      // Not by when they were changed: what moves beside or above them changes their rows too.
      sql<string>`case when ${own} then deeds.updated_at else ${ofSharedItems('max(item.created_at)')} end`.as(
        'updatedAt',
      ),
    ])
}

export type DeedRow = InferResult<ReturnType<typeof visibleDeeds>>[number]

export function deedsByKeys(db: Database, viewerId: UserId, keys: readonly DeedKey[]): Promise<DeedRow[]> {
  return deedsByIds(db, { viewerId, ...listsOf(keys, ({ deedId }) => deedId) })
}

const deedsByIds = prepared((db, { viewerId, ownerIds, ids }: Listed) =>
  builder(visibleDeeds(db, viewerId).where(idsIn(['deeds.user_id', 'deeds.deed_id'], [ownerIds, ids]))),
)

/** Keys as a statement takes them that is written once. */
interface Listed {
  viewerId: UserId
  ownerIds: readonly UserId[]
  ids: readonly string[]
}

function listsOf<Key extends { ownerId: UserId }>(keys: readonly Key[], idOf: (key: Key) => string) {
  return { ownerIds: keys.map(({ ownerId }) => ownerId), ids: keys.map(idOf) }
}

/** The visible deeds of each owner, hidden ones among them, category by category in display order. */
export function visibleDeedsOfOwners(db: Database, viewerId: UserId, ownerIds: readonly UserId[]): Promise<DeedRow[]> {
  return deedsOfOwners(db, { viewerId, ownerIds })
}

const deedsOfOwners = prepared((db, { viewerId, ownerIds }: { viewerId: UserId; ownerIds: readonly UserId[] }) =>
  builder(
    visibleDeeds(db, viewerId)
      .where('deeds.user_id', '=', anyOf(ownerIds))
      .orderBy('deeds.category_type')
      .orderBy('deeds.display_order')
      .orderBy('deeds.deed_id'),
  ),
)

/** An aggregate over the items of somebody else's deed: the policies leave those that are shared. */
function ofSharedItems(aggregate: string) {
  return sql`(
    select ${sql.raw(aggregate)} from deed_items as item
    where item.user_id = deeds.user_id and item.deed_id = deeds.deed_id and item.deleted_at is null
  )`
}

// ------------------------------------------------------------------------------------------------ items

/**
 * The live items that the viewer may see. Rows of somebody else's items still say where they stand in the owner's tree;
 * `itemsAsSeen` takes that away before anybody reads it. Their version is 1: what is not shared raises it too, when it moves.
 */
export function visibleItems(db: Database, viewerId: UserId) {
  return db
    .selectFrom('deed_items')
    .where('deed_items.deleted_at', 'is', null)
    .where((eb) => eb.or([eb('deed_items.user_id', '=', viewerId), isSharedItem(eb, viewerId)]))
    .select([
      'deed_items.user_id as ownerId',
      'deed_items.deed_item_id as itemId',
      'deed_items.deed_id as deedId',
      'deed_items.parent_deed_item_id as parentId',
      'deed_items.level',
      'deed_items.name',
      'deed_items.description',
      'deed_items.display_order as displayOrder',
      sql<boolean>`not deed_items.is_active`.as('isHidden'),
      'deed_items.is_private as isPrivate',
      sql<number>`case when deed_items.user_id = ${viewerId} then deed_items.version else 1 end`.as('version'),
      sql<boolean>`case when deed_items.user_id = ${viewerId} then true else ${mayBeRecorded(viewerId)} end`.as(
        'mayRecord',
      ),
    ])
}

/** An item; `tree` is there when it was read with its whole deed, so that its neighbours are known without asking. */
export type DeedItemRow = InferResult<ReturnType<typeof visibleItems>>[number] & { tree?: ItemTree<DeedItemRow> }

export function itemsByKeys(db: Database, viewerId: UserId, keys: readonly ItemKey[]): Promise<DeedItemRow[]> {
  return itemsByIds(db, { viewerId, ...listsOf(keys, ({ itemId }) => itemId) })
}

const itemsByIds = prepared((db, { viewerId, ownerIds, ids }: Listed) =>
  builder(visibleItems(db, viewerId).where(isListed([ownerIds, ids]))),
)

const isListed = (lists: readonly [readonly UserId[], readonly string[]]) =>
  idsIn(['deed_items.user_id', 'deed_items.deed_item_id'], lists)

/** All visible items of each deed, level by level, siblings in display order. */
export function itemsOfDeeds(db: Database, viewerId: UserId, keys: readonly DeedKey[]): Promise<DeedItemRow[]> {
  return itemsOfListed(db, { viewerId, ...listsOf(keys, ({ deedId }) => deedId) })
}

const itemsOfListed = prepared((db, { viewerId, ownerIds, ids }: Listed) =>
  builder(
    inTreeOrder(visibleItems(db, viewerId).where(idsIn(['deed_items.user_id', 'deed_items.deed_id'], [ownerIds, ids]))),
  ),
)

/** All visible items of the deeds that hold these items: how somebody else's item is seen depends on those around it. */
export function itemsAround(db: Database, viewerId: UserId, keys: readonly ItemKey[]): Promise<DeedItemRow[]> {
  return itemsAroundListed(db, { viewerId, ...listsOf(keys, ({ itemId }) => itemId) })
}

const itemsAroundListed = prepared((db, { viewerId, ownerIds, ids }: Listed) => {
  const deedsOfItems = visibleItems(db, viewerId)
    .where(isListed([ownerIds, ids]))
    .clearSelect()
    .select(['deed_items.user_id', 'deed_items.deed_id'])
  return builder(
    inTreeOrder(
      visibleItems(db, viewerId).where(sql<boolean>`(deed_items.user_id, deed_items.deed_id) in ${deedsOfItems}`),
    ),
  )
})

export function inTreeOrder(items: ReturnType<typeof visibleItems>) {
  return items.orderBy('deed_items.level').orderBy('deed_items.display_order').orderBy('deed_items.deed_item_id')
}
