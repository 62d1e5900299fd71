import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import type { DeedKey, ScaleKey } from '../queries.ts'
import type { NewScaleValue } from '../rules/new-scale.ts'

/** SCA-1, SCA-4 Version 1 of a deed's scale, without a lower bound, and its values; the first one is the lowest. */
export async function insertFirstScale(tx: Database, key: DeedKey, values: readonly NewScaleValue[]): Promise<void> {
  await tx
    .insertInto('scales')
    .values({ user_id: key.ownerId, deed_id: key.deedId, version_number: 1, effective: '(,)' })
    .execute()
  await insertValues(tx, key, values)
}

/** SCA-1 The version after `former`, from a day on, on which that one ends. */
export async function insertNextScale(
  tx: Database,
  key: DeedKey,
  { former, from, values }: { former: FormerScale; from: string; values: readonly NewScaleValue[] },
): Promise<ScaleKey> {
  await tx
    .updateTable('scales')
    .set({ effective: sql<string>`daterange(lower(effective), ${from}::date)` })
    .where('user_id', '=', key.ownerId)
    .where('scale_id', '=', former.scaleId)
    .execute()
  const { scaleId } = await tx
    .insertInto('scales')
    .values({
      user_id: key.ownerId,
      deed_id: key.deedId,
      version_number: former.versionNumber + 1,
      effective: sql<string>`daterange(${from}::date, null)`,
    })
    .returning('scale_id as scaleId')
    .executeTakeFirstOrThrow()
  await insertValues(tx, key, values, scaleId)
  return { ownerId: key.ownerId, scaleId }
}

export interface FormerScale {
  scaleId: string
  versionNumber: number
}

/**
 * A scale for a deed that was counted until now. Where it had one before, its values are retired and the new ones take
 * their place: nothing was ever recorded with them, else the measure would be fixed.
 */
export async function replaceScale(tx: Database, key: DeedKey, values: readonly NewScaleValue[]): Promise<void> {
  const former = await tx
    .selectFrom('scales')
    .where('user_id', '=', key.ownerId)
    .where('deed_id', '=', key.deedId)
    .where('deleted_at', 'is', null)
    .select('scale_id')
    .execute()
  if (former.length === 0) return insertFirstScale(tx, key, values)
  await tx
    .updateTable('scale_values')
    .set({ deleted_at: sql`now()`, deleted_by: key.ownerId })
    .where('user_id', '=', key.ownerId)
    .where('deed_id', '=', key.deedId)
    .where('deleted_at', 'is', null)
    .execute()
  await insertValues(tx, key, values)
}

/**
 * Into one version, or into every live one of the deed's scale, the same values of the same lineage; the database works out
 * their normalized scores.
 */
async function insertValues(
  tx: Database,
  key: DeedKey,
  values: readonly NewScaleValue[],
  scaleId: string | null = null,
): Promise<void> {
  const names = values.map((value) => value.name)
  const scores = values.map((value) => value.score)
  const colors = values.map((value) => value.color)
  const lineages = values.map(({ lineageKey }) => lineageKey ?? crypto.randomUUID())
  await sql`
    insert into scale_values (user_id, scale_id, deed_id, value_name, value_order, score, color, lineage_key)
    select scales.user_id, scales.scale_id, scales.deed_id, value.name, value.place, value.score, value.color, value.lineage
    from scales
    cross join unnest(${names}::text[], ${scores}::numeric[], ${colors}::text[], ${lineages}::uuid[])
      with ordinality as value (name, score, color, lineage, place)
    where scales.user_id = ${key.ownerId} and scales.deed_id = ${key.deedId} and scales.deleted_at is null
      and (${scaleId}::bigint is null or scales.scale_id = ${scaleId}::bigint)
  `.execute(tx)
}
