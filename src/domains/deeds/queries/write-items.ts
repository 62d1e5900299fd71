import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import { badUserInput, notFound } from '../../../platform/graphql/errors.ts'
import { type PermissionKey, permissionsOnItem } from '../../sharing/queries/permissions.ts'
import type { AccessGain } from '../../sharing/rules.ts'
import { type DeedKey, deedsByKeys, type ItemKey, itemsByKeys, itemsOfDeeds } from '../queries.ts'
import { type ItemInput, itemLevels, type NewItem } from '../rules/new-items.ts'
import { nameKey, textChanges } from '../rules/texts.ts'
import { growTree, subtreeOf } from '../rules.ts'
import { duplicateName, namingField } from './constraint-errors.ts'
import { checkVersion, lockOwner } from './locks.ts'
import { gainsBy, parentInTree, treeAround } from './trees.ts'

export interface NewItems {
  parentId: string | null
  items: readonly ItemInput[]
}

/**
 * Adds items below `parentId` (null: the top), after those that are there, and answers their ids. NOT_FOUND,
 * BAD_USER_INPUT (OTHER_DEED, TOO_DEEP ...) or CONFLICT (DUPLICATE_NAME, TOO_MANY).
 */
export async function createItems(tx: Database, key: DeedKey, { parentId, items }: NewItems): Promise<string[]> {
  if (items.length === 0) throw badUserInput('There is nothing to add.', { reason: 'EMPTY_LIST', field: 'input.items' })
  await lockOwner(tx, key.ownerId)
  const [[deed], rows] = await Promise.all([deedsByKeys(tx, key.ownerId, [key]), itemsOfDeeds(tx, key.ownerId, [key])])
  if (!deed) throw notFound()
  const tree = growTree(rows)
  const parent = parentId === null ? null : await parentInTree(tx, tree, { ownerId: key.ownerId, itemId: parentId })
  const siblings = parent ? tree.childrenOf(parent.itemId) : tree.roots
  const levels = itemLevels(items, { field: 'input.items', depth: parent?.level ?? 0 })
  refuseTakenNames(levels[0] ?? [], siblings)
  const firstPlace = Math.max(-1, ...siblings.map((sibling) => sibling.displayOrder)) + 1
  return insertItems(tx, key, { levels, parentId, firstPlace, field: 'input.items' })
}

/** TREE-3 CONFLICT, DUPLICATE_NAME at the item whose name one has that is there; the database has the last word. */
function refuseTakenNames(items: readonly NewItem[], siblings: readonly { readonly name: string }[]): void {
  const taken = new Set(siblings.map(({ name }) => nameKey(name)))
  const place = items.findIndex(({ name }) => taken.has(nameKey(name)))
  if (place >= 0) throw duplicateName(`input.items[${place}].name`)
}

export interface ItemLevels {
  /** From `itemLevels`. */
  levels: readonly NewItem[][]
  /** What the first level goes below; null or left out: the top. */
  parentId?: string | null
  /** The place of the first level's first item among the siblings that are there. */
  firstPlace?: number
  /** The argument that an error names. */
  field: string
}

/** A statement for each level, as the ids of one are the parents of the next. Answers all ids. */
export async function insertItems(
  tx: Database,
  key: DeedKey,
  { levels, parentId = null, firstPlace = 0, field }: ItemLevels,
) {
  const ids = new Map<NewItem | null, string | null>([[null, parentId]])
  const inserted: string[] = []
  for (const level of levels) {
    const placed = level.map((item) => ({
      item,
      parentId: ids.get(item.parent) ?? null,
      place: item.parent ? item.place : firstPlace + item.place,
    }))
    const idOf = await namingField(field, insertLevel(tx, key, placed))
    for (const { item, parentId: below } of placed) {
      const id = idOf.get(nameBelow(below, item.name))
      if (id === undefined) throw new Error('An item was stored under another name than the one that was sent.')
      ids.set(item, id)
      inserted.push(id)
    }
  }
  return inserted
}

interface PlacedItem {
  item: NewItem
  parentId: string | null
  place: number
}

/** The new ids by parent and name, which are unique together: the order of returned rows is nothing to rely on. */
async function insertLevel(tx: Database, key: DeedKey, items: readonly PlacedItem[]): Promise<Map<string, string>> {
  const parents = items.map(({ parentId }) => parentId)
  const names = items.map(({ item }) => item.name)
  const descriptions = items.map(({ item }) => item.description)
  const places = items.map(({ place }) => place)
  const privacies = items.map(({ item }) => item.isPrivate)
  const { rows } = await sql<{ id: string; parentId: string | null; name: string }>`
    insert into deed_items (user_id, deed_id, parent_deed_item_id, name, description, display_order, is_private)
    select ${key.ownerId}, ${key.deedId}, item.parent_id, item.name, item.description, item.place, item.is_private
    from unnest(${parents}::bigint[], ${names}::text[], ${descriptions}::text[], ${places}::integer[], ${privacies}::boolean[])
      as item (parent_id, name, description, place, is_private)
    returning deed_item_id as id, parent_deed_item_id as "parentId", name
  `.execute(tx)
  return new Map(rows.map((row) => [nameBelow(row.parentId, row.name), row.id]))
}

function nameBelow(parentId: string | null, name: string): string {
  return `${parentId ?? ''}:${name}`
}

export interface ItemUpdate {
  name?: string | null | undefined
  description?: string | null | undefined
  isHidden?: boolean | null | undefined
  isPrivate?: boolean | null | undefined
  expectedVersion?: number | null | undefined
}

/** What an update means to others. */
export interface UpdatedItem {
  /** SHA-10 What others gain by it: to refuse that, roll back. */
  readonly gains: readonly AccessGain[]
  /** SHA-4 What was granted on the item, which is not changed then: it can't become private. */
  readonly grants: readonly PermissionKey[]
}

/**
 * Changes one's own item. NOT_FOUND or CONFLICT
 * (STALE_VERSION, DUPLICATE_NAME, ITEM_IS_PRIVATE).
 */
export async function updateItem(tx: Database, key: ItemKey, input: ItemUpdate): Promise<UpdatedItem> {
  await lockOwner(tx, key.ownerId)
  const [current] = await itemsByKeys(tx, key.ownerId, [key])
  if (!current) throw notFound()
  checkVersion(current.version, input.expectedVersion)
  if (input.isPrivate && !current.isPrivate) {
    const grants = await permissionsOnItem(tx, key.ownerId, key.itemId)
    if (grants.length > 0) return { gains: [], grants }
  }
  const change = () => changeItem(tx, key, input)
  if (!current.isPrivate || input.isPrivate !== false) {
    await change()
    return { gains: [], grants: [] }
  }
  const { tree } = await treeAround(tx, key)
  const gains = await gainsBy(tx, { ownerId: key.ownerId, itemIds: subtreeOf(tree, key.itemId) }, change)
  return { gains, grants: [] }
}

async function changeItem(tx: Database, key: ItemKey, input: ItemUpdate): Promise<void> {
  const changes = {
    ...textChanges(input),
    ...(input.isHidden != null && { is_active: !input.isHidden }),
    ...(input.isPrivate != null && { is_private: input.isPrivate }),
  }
  if (Object.keys(changes).length === 0) return
  await tx
    .updateTable('deed_items')
    .set(changes)
    .where('user_id', '=', key.ownerId)
    .where('deed_item_id', '=', key.itemId)
    .execute()
}
