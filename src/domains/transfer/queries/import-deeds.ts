import { sql } from 'kysely'
import { anyOf } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { NewDeed, OwnDeed, OwnItem } from '../rules.ts'

/** All live deeds of whoever imports: at most 100. */
export function ownDeeds(tx: Database, ownerId: UserId): Promise<OwnDeed[]> {
  return tx
    .selectFrom('deeds')
    .where('user_id', '=', ownerId)
    .where('deleted_at', 'is', null)
    .select(({ selectFrom }) => [
      'deed_id as deedId',
      'name',
      'category_type as category',
      'measure_type as measure',
      'external_key as externalKey',
      selectFrom('deed_items')
        .whereRef('deed_items.user_id', '=', 'deeds.user_id')
        .whereRef('deed_items.deed_id', '=', 'deeds.deed_id')
        .where('deed_items.deleted_at', 'is', null)
        .select(sql<number>`count(*)::int`.as('count'))
        .as('itemCount'),
    ])
    .$narrowType<{ itemCount: number }>()
    .execute()
}

/** The live items that have one of these keys, and all of these deeds: at most 500 of each. */
export function ownItems(
  tx: Database,
  ownerId: UserId,
  { keys, deedIds }: { keys: readonly string[]; deedIds: readonly string[] },
): Promise<OwnItem[]> {
  return tx
    .selectFrom('deed_items')
    .where('user_id', '=', ownerId)
    .where('deleted_at', 'is', null)
    .where((where) =>
      where.or([where('external_key', '=', anyOf(keys, 'text')), where('deed_id', '=', anyOf(deedIds))]),
    )
    .select((select) => [
      'deed_item_id as itemId',
      'deed_id as deedId',
      'name',
      select('parent_deed_item_id', 'is', null).$castTo<boolean>().as('isRoot'),
      'external_key as externalKey',
    ])
    .execute()
}

/** Deeds to count good things, after those that are there, in one statement. Answers their ids by key. */
export async function insertDeeds(
  tx: Database,
  ownerId: UserId,
  deeds: readonly NewDeed[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ deedId: string; externalKey: string }>`
    insert into deeds (user_id, category_type, measure_type, name, description, unit, is_active, external_key, display_order)
    select ${ownerId}, 'hasanaat', 'count', deed.name, deed.description, deed.unit, not deed.is_hidden, deed.external_key,
      there.next_place + deed.place - 1
    from unnest(
      ${deeds.map(({ name }) => name)}::text[], ${deeds.map(({ description }) => description)}::text[],
      ${deeds.map(({ unit }) => unit)}::text[], ${deeds.map(({ isHidden }) => isHidden)}::boolean[],
      ${deeds.map(({ externalKey }) => externalKey)}::text[]
    ) with ordinality as deed (name, description, unit, is_hidden, external_key, place)
    cross join (
      select coalesce(max(display_order) + 1, 0) as next_place from deeds
      where user_id = ${ownerId} and category_type = 'hasanaat' and deleted_at is null
    ) as there
    returning deed_id as "deedId", external_key as "externalKey"`.execute(tx)
  return new Map(rows.map(({ deedId, externalKey }) => [externalKey, deedId]))
}

export interface NewItem {
  deedId: string
  name: string
  externalKey: string
}

/** Items at the top of their deeds, after those that are there, in one statement. Answers their ids by key. */
export async function insertItems(
  tx: Database,
  ownerId: UserId,
  items: readonly NewItem[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ itemId: string; externalKey: string }>`
    insert into deed_items (user_id, deed_id, name, external_key, display_order)
    select ${ownerId}, item.deed_id, item.name, item.external_key, (
      select coalesce(max(display_order) + 1, 0) from deed_items as sibling
      where sibling.user_id = ${ownerId} and sibling.deed_id = item.deed_id
        and sibling.parent_deed_item_id is null and sibling.deleted_at is null
    ) + row_number() over (partition by item.deed_id order by item.place) - 1
    from unnest(
      ${items.map(({ deedId }) => deedId)}::bigint[], ${items.map(({ name }) => name)}::text[],
      ${items.map(({ externalKey }) => externalKey)}::text[]
    ) with ordinality as item (deed_id, name, external_key, place)
    returning deed_item_id as "itemId", external_key as "externalKey"`.execute(tx)
  return new Map(rows.map(({ itemId, externalKey }) => [externalKey, itemId]))
}
