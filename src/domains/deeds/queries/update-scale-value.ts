import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import { conflict, notFound } from '../../../platform/graphql/errors.ts'
import type { ScaleKey, ScaleValueKey } from '../queries.ts'
import { nameKey, nameOf } from '../rules/texts.ts'
import { lockOwner } from './locks.ts'

export interface ScaleValueUpdate {
  name?: string | null | undefined
  /** `#RRGGBB`; null removes it. */
  color?: string | null | undefined
  isRetired?: boolean | null | undefined
}

/**
 * SCA-1, SCA-4 Renames or recolours a value of one's own scale, retires it or takes it back in; answers its version. NOT_FOUND,
 * BAD_USER_INPUT or CONFLICT (DUPLICATE_NAME, SCALE_IN_USE, TOO_MANY).
 */
export async function updateScaleValue(tx: Database, key: ScaleValueKey, input: ScaleValueUpdate): Promise<ScaleKey> {
  await lockOwner(tx, key.ownerId)
  const siblings = await valuesBeside(tx, key)
  const current = siblings.find(({ scaleValueId }) => scaleValueId === key.scaleValueId)
  if (!current) throw notFound()
  const others = siblings.filter((value) => value !== current && !value.isRetired)
  const name = input.name == null ? current.name : nameOf(input.name, 'input.name')
  const isRetired = input.isRetired ?? current.isRetired
  checkName(name, isRetired ? [] : others)
  if (isRetired && others.length === 0) {
    throw conflict('It is the last value of this version, which keeps at least one.', {
      reason: 'EMPTY_LIST',
      field: 'input.isRetired',
    })
  }
  await tx
    .updateTable('scale_values')
    .set({
      value_name: name,
      ...(input.color !== undefined && { color: input.color }),
      ...(isRetired !== current.isRetired && retirement(isRetired, key)),
    })
    .where('user_id', '=', key.ownerId)
    .where('scale_value_id', '=', key.scaleValueId)
    .execute()
  return { ownerId: key.ownerId, scaleId: current.scaleId }
}

/** The value and all others of its version, retired ones too; none when its deed is deleted or counted by now. */
function valuesBeside(tx: Database, key: ScaleValueKey) {
  return tx
    .selectFrom('scale_values as wanted')
    .innerJoin('scale_values as value', (join) =>
      join.onRef('value.user_id', '=', 'wanted.user_id').onRef('value.scale_id', '=', 'wanted.scale_id'),
    )
    .innerJoin('deeds', (join) =>
      join.onRef('deeds.user_id', '=', 'wanted.user_id').onRef('deeds.deed_id', '=', 'wanted.deed_id'),
    )
    .where('wanted.user_id', '=', key.ownerId)
    .where('wanted.scale_value_id', '=', key.scaleValueId)
    .where('deeds.deleted_at', 'is', null)
    .where('deeds.measure_type', '=', 'scale')
    .select([
      'value.scale_value_id as scaleValueId',
      'value.scale_id as scaleId',
      'value.value_name as name',
      sql<boolean>`value.deleted_at is not null`.as('isRetired'),
    ])
    .execute()
}

function checkName(name: string, others: readonly { name: string }[]): void {
  if (others.every((other) => nameKey(other.name) !== nameKey(name))) return
  throw conflict('Another value of this version has the name.', { reason: 'DUPLICATE_NAME', field: 'input.name' })
}

function retirement(isRetired: boolean, { ownerId }: ScaleValueKey) {
  return isRetired ? { deleted_at: sql<string>`now()`, deleted_by: ownerId } : { deleted_at: null, deleted_by: null }
}
