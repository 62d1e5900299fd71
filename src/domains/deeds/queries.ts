import type { InferResult } from 'kysely'
import { sql } from 'kysely'
import { anyOf, pairsIn } from '../../platform/database/any-of.ts'
import { builder, prepared } from '../../platform/database/prepared.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { isSharedDeed, isSharedItem, mayBeRecorded, notOver } from '../sharing/queries.ts'
import type { ItemTree } from './rules.ts'

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

export function deedsByKeys(db: Database, viewerId: UserId, keys: readonly DeedKey[]) {
  return visibleDeeds(db, viewerId)
    .where(pairsIn(['deeds.user_id', 'deeds.deed_id'], deedPairs(keys)))
    .execute()
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
  return visibleItems(db, viewerId)
    .where(pairsIn(['deed_items.user_id', 'deed_items.deed_item_id'], itemPairs(keys)))
    .execute()
}

/** All visible items of each deed, level by level, siblings in display order. */
export function itemsOfDeeds(db: Database, viewerId: UserId, keys: readonly DeedKey[]): Promise<DeedItemRow[]> {
  return inTreeOrder(
    visibleItems(db, viewerId).where(pairsIn(['deed_items.user_id', 'deed_items.deed_id'], deedPairs(keys))),
  ).execute()
}

/** All visible items of the deeds that hold these items: how somebody else's item is seen depends on those around it. */
export function itemsAround(db: Database, viewerId: UserId, keys: readonly ItemKey[]): Promise<DeedItemRow[]> {
  const deedsOfItems = visibleItems(db, viewerId)
    .where(pairsIn(['deed_items.user_id', 'deed_items.deed_item_id'], itemPairs(keys)))
    .clearSelect()
    .select(['deed_items.user_id', 'deed_items.deed_id'])
  return inTreeOrder(
    visibleItems(db, viewerId).where(sql<boolean>`(deed_items.user_id, deed_items.deed_id) in ${deedsOfItems}`),
  ).execute()
}

export function inTreeOrder(items: ReturnType<typeof visibleItems>) {
  return items.orderBy('deed_items.level').orderBy('deed_items.display_order').orderBy('deed_items.deed_item_id')
}

// ------------------------------------------------------------------------------------------------ scales

/** The live versions of the scales of deeds that the viewer may see and that are measured by a scale. */
export function visibleScales(db: Database, viewerId: UserId) {
  return (
    db
      .selectFrom('scales')
      .innerJoin('deeds', (join) =>
        join.onRef('deeds.user_id', '=', 'scales.user_id').onRef('deeds.deed_id', '=', 'scales.deed_id'),
      )
      .where('scales.deleted_at', 'is', null)
      .where('deeds.deleted_at', 'is', null)
      // A deed that is counted now may have had a scale before.
      .where('deeds.measure_type', '=', 'scale')
      .where((eb) => eb.or([eb('deeds.user_id', '=', viewerId), isSharedDeed(eb, viewerId)]))
      .select([
        'scales.user_id as ownerId',
        'scales.scale_id as scaleId',
        'scales.deed_id as deedId',
        'scales.version_number as versionNumber',
        sql<string | null>`lower(scales.effective)`.as('effectiveFrom'),
        sql<string | null>`upper(scales.effective) - 1`.as('effectiveTo'),
        sql<boolean>`case when scales.user_id = ${viewerId} then scales.locked_at is not null else ${isUsedForViewer(viewerId)} end`.as(
          'isLocked',
        ),
      ])
  )
}

/** SHA-8 Whether an entry that the viewer was granted uses the version: others leave no trace. */
function isUsedForViewer(viewerId: UserId) {
  return sql`exists (
    select from item_access
    join entries on entries.user_id = item_access.user_id and entries.deed_item_id = item_access.deed_item_id
    where item_access.user_id = scales.user_id and item_access.deed_id = scales.deed_id and item_access.viewer_id = ${viewerId}
      and ${notOver('item_access.expires_at')}
      and entries.entry_date >= coalesce(lower(scales.effective), date '1900-01-01')
      and entries.entry_date < coalesce(upper(scales.effective), date 'infinity') and entries.scale_id = scales.scale_id
  )`
}

export type ScaleRow = InferResult<ReturnType<typeof visibleScales>>[number]

export interface ScaleKey {
  ownerId: UserId
  scaleId: string
}

/** Which version of a deed's scale: that of a day, or of the owner's today (null). */
export interface ScaleOnDayKey extends DeedKey {
  on: string | null
}

export function scalesByKeys(db: Database, viewerId: UserId, keys: readonly ScaleKey[]) {
  return visibleScales(db, viewerId)
    .where(
      pairsIn(
        ['scales.user_id', 'scales.scale_id'],
        keys.map((key) => [key.ownerId, key.scaleId]),
      ),
    )
    .execute()
}

/** All versions of each deed's scale, the first one first. */
export function scalesOfDeeds(db: Database, viewerId: UserId, keys: readonly DeedKey[]) {
  return visibleScales(db, viewerId)
    .where(pairsIn(['scales.user_id', 'scales.deed_id'], deedPairs(keys)))
    .orderBy('scales.version_number')
    .execute()
}

/** SCA-1 The version in effect for each deed and day; `on` is as it was asked for. */
export function scalesOnDays(db: Database, viewerId: UserId, keys: readonly ScaleOnDayKey[]) {
  const wanted = sql<{ owner_id: string; deed_id: string; day: string | null }>`(
    select * from unnest(
      ${keys.map((key) => key.ownerId)}::bigint[], ${keys.map((key) => key.deedId)}::bigint[], ${keys.map((key) => key.on)}::date[]
    ) as wanted (owner_id, deed_id, day)
  )`.as('wanted')
  return visibleScales(db, viewerId)
    .innerJoin(wanted, (join) =>
      join
        .onRef('wanted.owner_id', '=', 'scales.user_id')
        .onRef('wanted.deed_id', '=', 'scales.deed_id')
        .on(sql<boolean>`scales.effective @> coalesce(wanted.day, owner_today(wanted.owner_id))`),
    )
    .select('wanted.day as on')
    .execute()
}

/** The values of visible scales that were not retired. */
export function visibleScaleValues(db: Database, viewerId: UserId) {
  return db
    .selectFrom('scale_values')
    .innerJoin('deeds', (join) =>
      join.onRef('deeds.user_id', '=', 'scale_values.user_id').onRef('deeds.deed_id', '=', 'scale_values.deed_id'),
    )
    .where('scale_values.deleted_at', 'is', null)
    .where('deeds.deleted_at', 'is', null)
    .where('deeds.measure_type', '=', 'scale')
    .where((eb) => eb.or([eb('deeds.user_id', '=', viewerId), isSharedDeed(eb, viewerId)]))
    .select([
      'scale_values.user_id as ownerId',
      'scale_values.scale_value_id as scaleValueId',
      'scale_values.scale_id as scaleId',
      'scale_values.deed_id as deedId',
      'scale_values.value_name as name',
      'scale_values.value_order as order',
      'scale_values.score',
      'scale_values.normalized_score as normalizedScore',
      'scale_values.color',
      'scale_values.lineage_key as lineageKey',
    ])
}

export type ScaleValueRow = InferResult<ReturnType<typeof visibleScaleValues>>[number]

export interface ScaleValueKey {
  ownerId: UserId
  scaleValueId: string
}

export function scaleValuesByKeys(db: Database, viewerId: UserId, keys: readonly ScaleValueKey[]) {
  return visibleScaleValues(db, viewerId)
    .where(
      pairsIn(
        ['scale_values.user_id', 'scale_values.scale_value_id'],
        keys.map((key) => [key.ownerId, key.scaleValueId]),
      ),
    )
    .execute()
}

/** The values of each version of a scale, the lowest first. */
export function valuesOfScales(db: Database, viewerId: UserId, keys: readonly ScaleKey[]) {
  return visibleScaleValues(db, viewerId)
    .where(
      pairsIn(
        ['scale_values.user_id', 'scale_values.scale_id'],
        keys.map((key) => [key.ownerId, key.scaleId]),
      ),
    )
    .orderBy('scale_values.value_order')
    .execute()
}

function deedPairs(keys: readonly DeedKey[]): [string, string][] {
  return keys.map((key) => [key.ownerId, key.deedId])
}

function itemPairs(keys: readonly ItemKey[]): [string, string][] {
  return keys.map((key) => [key.ownerId, key.itemId])
}
