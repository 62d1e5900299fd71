import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import { badUserInput } from '../../../platform/graphql/errors.ts'
import type { AccessGain } from '../../sharing/rules.ts'
import type { DeedItemRow, ItemKey } from '../queries.ts'
import { mostLevels, tooDeep } from '../rules/new-items.ts'
import { checkPosition, heightBelow, type ItemTree, subtreeOf, withPlace } from '../rules.ts'
import { namingField } from './constraint-errors.ts'
import { checkVersion, lockOwner } from './locks.ts'
import { gainsBy, parentInTree, treeAround } from './trees.ts'

export interface ItemMove {
  /** Of the same owner. Null: the top; left out: where it is. */
  parentId?: string | null | undefined
  /** Among its new siblings, from 0; at the end when left out. */
  position?: number | null | undefined
  expectedVersion?: number | null | undefined
}

/**
 * TREE-2 Moves one's own item with all below it, and answers what others gain by it (SHA-10): to refuse that, roll back.
 * NOT_FOUND, BAD_USER_INPUT (WOULD_CYCLE, TOO_DEEP, OTHER_DEED) or CONFLICT (STALE_VERSION, DUPLICATE_NAME).
 */
export async function moveItem(tx: Database, key: ItemKey, move: ItemMove): Promise<AccessGain[]> {
  checkPosition(move.position)
  await lockOwner(tx, key.ownerId)
  const { tree, item } = await treeAround(tx, key)
  checkVersion(item.version, move.expectedVersion)
  const parentId = move.parentId === undefined ? item.parentId : move.parentId
  const subtree = subtreeOf(tree, item.itemId)
  if (parentId !== null) {
    const parent = await parentInTree(tx, tree, { ownerId: key.ownerId, itemId: parentId })
    checkRoom(tree, item, parent, subtree)
  }
  const siblings = parentId === null ? tree.roots : tree.childrenOf(parentId)
  const place = () =>
    placeItems(
      tx,
      item,
      parentId,
      withPlace(
        siblings.map(({ itemId }) => itemId),
        item.itemId,
        move.position ?? null,
      ),
    )
  if (parentId !== item.parentId) return gainsBy(tx, { ownerId: key.ownerId, itemIds: subtree }, place)
  await place()
  return []
}

/** TREE-1 No item below itself, and at most 10 levels. The database holds both, and counts deleted items as well. */
function checkRoom(
  tree: ItemTree<DeedItemRow>,
  item: DeedItemRow,
  parent: DeedItemRow,
  subtree: readonly string[],
): void {
  const field = 'input.parentId'
  if (subtree.includes(parent.itemId)) {
    throw badUserInput('An item cannot be below itself.', { reason: 'WOULD_CYCLE', field })
  }
  if (parent.level + 1 + heightBelow(tree, item.itemId) > mostLevels) throw tooDeep(field)
}

/** Puts all of these below one parent, numbered from 0: one statement, that raises the version of the moved one, once. */
async function placeItems(
  tx: Database,
  { ownerId, itemId }: DeedItemRow,
  parentId: string | null,
  itemIds: readonly string[],
) {
  const update = sql`
    update deed_items set parent_deed_item_id = ${parentId}::bigint, display_order = placed.place - 1,
      updated_at = case when deed_items.deed_item_id = ${itemId} then now() else deed_items.updated_at end
    from unnest(${itemIds}::bigint[]) with ordinality as placed (deed_item_id, place)
    where deed_items.user_id = ${ownerId} and deed_items.deed_item_id = placed.deed_item_id
      and (deed_items.parent_deed_item_id, deed_items.display_order) is distinct from (${parentId}::bigint, placed.place - 1)
  `.execute(tx)
  await namingField('input.parentId', update)
}
