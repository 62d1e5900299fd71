import { sql } from 'kysely'
import { builder, prepared } from '../../../platform/database/prepared.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { type DeedItemRow, inTreeOrder, visibleItems, visibleScaleValues } from '../queries.ts'

interface OfOwner {
  viewerId: UserId
  ownerId: UserId
  limit: number
}

/** All visible items of an owner, as those of `itemsOfDeeds`; `limit` of them at most, which then are some of each level. */
export function itemsOfOwner(db: Database, viewerId: UserId, ownerId: UserId, limit: number): Promise<DeedItemRow[]> {
  return itemsOfOne(db, { viewerId, ownerId, limit })
}

const itemsOfOne = prepared((db, { viewerId, ownerId, limit }: OfOwner) =>
  builder(
    inTreeOrder(visibleItems(db, viewerId).where('deed_items.user_id', '=', ownerId)).limit(sql<number>`${limit}`),
  ),
)

/** The values of all visible scales of an owner, `limit` at most. */
export function scaleValuesOfOwner(db: Database, viewerId: UserId, ownerId: UserId, limit: number) {
  return valuesOfOne(db, { viewerId, ownerId, limit })
}

const valuesOfOne = prepared((db, { viewerId, ownerId, limit }: OfOwner) =>
  builder(visibleScaleValues(db, viewerId).where('scale_values.user_id', '=', ownerId).limit(sql<number>`${limit}`)),
)
