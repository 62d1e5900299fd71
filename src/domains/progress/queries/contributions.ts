import { type RawBuilder, sql } from 'kysely'
import { keysetPage } from '../../../platform/database/keyset.ts'
import { keysetFirstPages } from '../../../platform/database/keyset-first-pages.ts'
import type { Database } from '../../../platform/database/types.ts'
import { type EntryPage, visibleEntries } from '../../entries/queries.ts'

/** Which entries an item's value is made of; the goal, the item and the entries are the same owner's, and seen by them alone. */
export interface Contribution {
  ownerId: string
  itemId: string
  includesDescendants: boolean
  /** The days that count, both in. */
  from: string
  to: string
  /** The values of the scale that count; null where all entries do. */
  scaleValueIds: readonly string[] | null
}

/** A contribution as its parts stand in SQL. */
type Wanted = Record<keyof Contribution, RawBuilder<unknown>>

const columns = {
  owner_id: 'bigint',
  item_id: 'bigint',
  includes_descendants: 'boolean',
  first_day: 'date',
  last_day: 'date',
  scale_value_ids: 'bigint[]',
}

const ofLists: Wanted = {
  ownerId: sql.ref('wanted.owner_id'),
  itemId: sql.ref('wanted.item_id'),
  includesDescendants: sql.ref('wanted.includes_descendants'),
  from: sql.ref('wanted.first_day'),
  to: sql.ref('wanted.last_day'),
  scaleValueIds: sql.ref('wanted.scale_value_ids'),
}

/** The latest first. */
const order = ['entries.entry_date', 'entries.deed_item_id'].map((column) => ({ column, direction: 'desc' as const }))

/** The first pages, 1..100, of the entries that many values are made of, in one statement; in the order of `asked`. */
export function firstContributions(
  db: Database,
  viewerId: string,
  asked: readonly Contribution[],
  first: number,
): Promise<EntryPage[]> {
  const lists = asked.map((part) => ({
    values: {
      owner_id: part.ownerId,
      item_id: part.itemId,
      includes_descendants: part.includesDescendants,
      first_day: part.from,
      last_day: part.to,
      scale_value_ids: part.scaleValueIds,
    },
    scope: scopeOf(part),
  }))
  return keysetFirstPages(db, contributing(db, viewerId, ofLists), { columns, lists, order, first })
}

/** A later page of the entries that a value is made of, 1..100. */
export function contributionsAfter(
  db: Database,
  viewerId: string,
  part: Contribution,
  page: { first: number; after: string },
): Promise<EntryPage> {
  const wanted: Wanted = {
    ownerId: sql`${part.ownerId}::bigint`,
    itemId: sql`${part.itemId}::bigint`,
    includesDescendants: sql`${part.includesDescendants}::boolean`,
    from: sql`${part.from}::date`,
    to: sql`${part.to}::date`,
    scaleValueIds: sql`${part.scaleValueIds}::bigint[]`,
  }
  return keysetPage(db, contributing(db, viewerId, wanted), { ...page, order, scope: scopeOf(part) })
}

function scopeOf({ ownerId, itemId, includesDescendants, from, to, scaleValueIds }: Contribution) {
  return ['contributions', ownerId, itemId, includesDescendants, from, to, scaleValueIds]
}

/** GOAL-2 The entries that `measureGoals` counts. */
function contributing(db: Database, viewerId: string, wanted: Wanted) {
  return visibleEntries(db, viewerId).where(
    sql<boolean>`
      entries.user_id = ${wanted.ownerId}
      and entries.deed_item_id = any (array(
        with recursive counted as (
          select top.deed_item_id from deed_items as top
          where top.user_id = ${wanted.ownerId} and top.deed_item_id = ${wanted.itemId} and top.deleted_at is null
          union all
          select child.deed_item_id
          from counted
          join deed_items as child on child.user_id = ${wanted.ownerId} and child.parent_deed_item_id = counted.deed_item_id
          where ${wanted.includesDescendants} and child.deleted_at is null
        )
        select deed_item_id from counted
      ))
      and entries.entry_date between ${wanted.from} and ${wanted.to}
      and (${wanted.scaleValueIds} is null or entries.scale_value_id = any (${wanted.scaleValueIds}))`,
  )
}
