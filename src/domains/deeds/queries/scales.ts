import type { InferResult } from 'kysely'
import { sql } from 'kysely'
import { pairsIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { isSharedDeed, notOver } from '../../sharing/queries.ts'
import type { DeedKey } from '../queries.ts'

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
