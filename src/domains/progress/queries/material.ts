import { anyOf } from '../../../platform/database/any-of.ts'
import type { Database } from '../../../platform/database/types.ts'
import { today } from './goals.ts'

/** What a goal may be made of: of those that were asked for, what is the owner's and live. */
export interface GoalMaterial {
  /** The owner's civil date. */
  today: string
  items: Map<string, { deedId: string; category: 'hasanaat' | 'saiyyiaat'; measure: 'scale' | 'count' }>
  values: Map<string, { deedId: string }>
}

/** GOAL-1 Deed items and values of scales that a goal is to ask for. */
export async function goalMaterial(
  db: Database,
  ownerId: string,
  { itemIds, scaleValueIds }: { itemIds: readonly string[]; scaleValueIds: readonly string[] },
): Promise<GoalMaterial> {
  const owner = await db
    .selectFrom('users')
    .where('user_id', '=', ownerId)
    .select(today.as('today'))
    .executeTakeFirstOrThrow()
  const items = await db
    .selectFrom('deed_items')
    .innerJoin('deeds', (join) =>
      join.onRef('deeds.user_id', '=', 'deed_items.user_id').onRef('deeds.deed_id', '=', 'deed_items.deed_id'),
    )
    .where('deed_items.user_id', '=', ownerId)
    .where('deed_items.deed_item_id', '=', anyOf(itemIds))
    .where('deed_items.deleted_at', 'is', null)
    .select([
      'deed_items.deed_item_id as itemId',
      'deed_items.deed_id as deedId',
      'deeds.category_type as category',
      'deeds.measure_type as measure',
    ])
    .execute()
  const values = await db
    .selectFrom('scale_values')
    .where('user_id', '=', ownerId)
    .where('scale_value_id', '=', anyOf(scaleValueIds))
    .where('deleted_at', 'is', null)
    .select(['scale_value_id as scaleValueId', 'deed_id as deedId'])
    .execute()
  return {
    ...owner,
    items: new Map(items.map(({ itemId, ...item }) => [itemId, item])),
    values: new Map(values.map(({ scaleValueId, ...value }) => [scaleValueId, value])),
  }
}

/** Whether the owner has such a deed, not deleted. */
export async function deedIsLive(db: Database, ownerId: string, deedId: string): Promise<boolean> {
  const row = await db
    .selectFrom('deeds')
    .where('user_id', '=', ownerId)
    .where('deed_id', '=', deedId)
    .where('deleted_at', 'is', null)
    .select('deed_id')
    .executeTakeFirst()
  return row !== undefined
}
