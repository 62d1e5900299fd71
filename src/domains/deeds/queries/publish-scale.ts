import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import { badUserInput, notFound } from '../../../platform/graphql/errors.ts'
import { type DeedKey, deedsByKeys, type ScaleKey } from '../queries.ts'
import {
  firstDayOf,
  type KnownValue,
  newVersionValues,
  type ScaleVersionValueInput,
  type VersionDays,
} from '../rules/new-scale.ts'
import { lockOwner } from './locks.ts'
import { type FormerScale, insertNextScale } from './write-scales.ts'

export interface ScaleVersionInput {
  /** The first possible day when left out. */
  effectiveFrom?: string | null | undefined
  values: readonly ScaleVersionValueInput[]
}

/**
 * SCA-1, SCA-2 The next version of the scale of one's own deed. NOT_FOUND, BAD_USER_INPUT (WRONG_MEASURE, INVALID_ID,
 * DATE_OUT_OF_RANGE ...) or CONFLICT (SCALE_IN_USE with `firstPossibleDate`, TOO_MANY).
 */
export async function publishScale(tx: Database, key: DeedKey, input: ScaleVersionInput): Promise<ScaleKey> {
  await lockOwner(tx, key.ownerId)
  const [deed] = await deedsByKeys(tx, key.ownerId, [key])
  if (!deed) throw notFound()
  if (deed.measure !== 'scale') {
    throw badUserInput('This deed is counted: it has no scale.', { reason: 'WRONG_MEASURE', field: 'input.deedId' })
  }
  const values = newVersionValues(input.values, await knownValues(tx, key), 'input.values')
  const former = await latestVersion(tx, key)
  return insertNextScale(tx, key, { former, from: firstDayOf(input.effectiveFrom, former), values })
}

/** Every value that the deed's scale ever had, retired ones too. */
function knownValues(tx: Database, key: DeedKey): Promise<KnownValue[]> {
  return tx
    .selectFrom('scale_values')
    .where('user_id', '=', key.ownerId)
    .where('deed_id', '=', key.deedId)
    .select(['scale_value_id as scaleValueId', 'lineage_key as lineageKey'])
    .execute()
}

/**
 * SCA-2 The version that the next one follows, and when that may begin: on the owner's today or later, after the last recorded
 * day (of deleted items too: they may come back), and after the version before has had a day.
 */
async function latestVersion(tx: Database, key: DeedKey): Promise<FormerScale & VersionDays> {
  const { rows } = await sql<FormerScale & VersionDays>`
    select scale.scale_id as "scaleId", scale.version_number as "versionNumber", day.today + 3660 as last,
      greatest(day.today, lower(scale.effective) + 1, (
        select max(latest.entry_date) + 1
        from deed_items as item
        cross join lateral (
          select entry_date from entries
          where entries.user_id = item.user_id and entries.deed_item_id = item.deed_item_id and entries.deleted_at is null
          order by entry_date desc limit 1
        ) as latest
        where item.user_id = scale.user_id and item.deed_id = scale.deed_id
      )) as first
    from scales as scale
    cross join owner_today(scale.user_id) as day (today)
    where scale.user_id = ${key.ownerId} and scale.deed_id = ${key.deedId} and scale.deleted_at is null
    order by scale.version_number desc
    limit 1
  `.execute(tx)
  const [latest] = rows
  if (!latest) throw new Error('A deed measured by a scale has no version of it.')
  return latest
}
