import { sql } from 'kysely'
import type { CategoryType } from '../../../generated/database.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { notFound } from '../../../platform/graphql/errors.ts'
import type { DeedKey } from '../queries.ts'
import { type DeedChanges, type DeedChangesInput, deedChanges, type NewDeed } from '../rules/new-deed.ts'
import { checkPosition, withPlace } from '../rules.ts'
import { checkVersion, lockOwner } from './locks.ts'
import { insertItems } from './write-items.ts'
import { insertFirstScale, replaceScale } from './write-scales.ts'

/** The deed with its scale and items, the last one of its category. CONFLICT, DUPLICATE_NAME or TOO_MANY. */
export async function createDeed(tx: Database, ownerId: UserId, deed: NewDeed): Promise<DeedKey> {
  await lockOwner(tx, ownerId)
  const { deedId } = await tx
    .insertInto('deeds')
    .values({
      user_id: ownerId,
      category_type: deed.category,
      name: deed.name,
      description: deed.description,
      measure_type: deed.measure,
      unit: deed.unit,
      display_order: sql<number>`(
        select coalesce(max(display_order) + 1, 0) from deeds
        where user_id = ${ownerId} and category_type = ${deed.category} and deleted_at is null
      )`,
    })
    .returning('deed_id as deedId')
    .executeTakeFirstOrThrow()
  const key = { ownerId, deedId }
  if (deed.measure === 'scale') await insertFirstScale(tx, key, deed.scale)
  await insertItems(tx, key, { levels: deed.levels, field: 'input.items' })
  return key
}

export interface DeedUpdate extends DeedChangesInput {
  position?: number | null | undefined
  expectedVersion?: number | null | undefined
}

/** What changes of one's own deed. NOT_FOUND, CONFLICT (STALE_VERSION, DUPLICATE_NAME, MEASURE_IN_USE) or BAD_USER_INPUT. */
export async function updateDeed(tx: Database, key: DeedKey, input: DeedUpdate): Promise<void> {
  checkPosition(input.position)
  await lockOwner(tx, key.ownerId)
  const current = await ownDeed(tx, key)
  if (!current) throw notFound()
  checkVersion(current.version, input.expectedVersion)
  const { changes, scale } = deedChanges(input, current)
  await changeDeed(tx, key, changes)
  if (scale.length > 0) await replaceScale(tx, key, scale)
  if (input.position != null) await placeDeed(tx, key, current.category, input.position)
}

function ownDeed(tx: Database, key: DeedKey) {
  return tx
    .selectFrom('deeds')
    .where('user_id', '=', key.ownerId)
    .where('deed_id', '=', key.deedId)
    .where('deleted_at', 'is', null)
    .select(['version', 'measure_type as measure', 'category_type as category'])
    .executeTakeFirst()
}

async function changeDeed(tx: Database, key: DeedKey, changes: DeedChanges): Promise<void> {
  if (Object.keys(changes).length === 0) return
  const { measure, isHidden, ...texts } = changes
  await tx
    .updateTable('deeds')
    .set({
      ...texts,
      ...(measure !== undefined && { measure_type: measure }),
      ...(isHidden !== undefined && { is_active: !isHidden }),
    })
    .where('user_id', '=', key.ownerId)
    .where('deed_id', '=', key.deedId)
    .execute()
}

/** Numbers the live deeds of the category from 0, this one at its new place; only its version is raised. */
async function placeDeed(tx: Database, key: DeedKey, category: CategoryType, position: number): Promise<void> {
  const deeds = await tx
    .selectFrom('deeds')
    .where('user_id', '=', key.ownerId)
    .where('category_type', '=', category)
    .where('deleted_at', 'is', null)
    .orderBy('display_order')
    .orderBy('deed_id')
    .select('deed_id')
    .execute()
  const ids = withPlace(
    deeds.map((deed) => deed.deed_id),
    key.deedId,
    position,
  )
  await sql`
    update deeds set display_order = placed.place - 1,
      updated_at = case when deeds.deed_id = ${key.deedId} then now() else deeds.updated_at end
    from unnest(${ids}::bigint[]) with ordinality as placed (deed_id, place)
    where deeds.user_id = ${key.ownerId} and deeds.deed_id = placed.deed_id and deeds.display_order <> placed.place - 1
  `.execute(tx)
}
