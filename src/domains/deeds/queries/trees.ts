import type { Database, UserId } from '../../../platform/database/types.ts'
import { badUserInput, notFound } from '../../../platform/graphql/errors.ts'
import { accessOfOthers } from '../../sharing/queries.ts'
import { type AccessGain, accessGains } from '../../sharing/rules.ts'
import { type DeedItemRow, type ItemKey, itemsAround, itemsByKeys } from '../queries.ts'
import { growTree, type ItemTree } from '../rules.ts'

/** The tree of the deed that holds one's own item. NOT_FOUND when there is no such item. */
export async function treeAround(
  tx: Database,
  key: ItemKey,
): Promise<{ tree: ItemTree<DeedItemRow>; item: DeedItemRow }> {
  const tree = growTree(await itemsAround(tx, key.ownerId, [key]))
  const item = tree.byId.get(key.itemId)
  if (!item) throw notFound()
  return { tree, item }
}

/** An item to put others below: of this tree, else BAD_USER_INPUT, OTHER_DEED, or NOT_FOUND when it is nowhere. */
export async function parentInTree(tx: Database, tree: ItemTree<DeedItemRow>, key: ItemKey): Promise<DeedItemRow> {
  const parent = tree.byId.get(key.itemId)
  if (parent) return parent
  const [elsewhere] = await itemsByKeys(tx, key.ownerId, [key])
  if (!elsewhere) throw notFound(undefined, { field: 'input.parentId' })
  throw badUserInput('The parent is of another deed.', { reason: 'OTHER_DEED', field: 'input.parentId' })
}

/** SHA-10 What others may see of these items after the change and not before. */
export async function gainsBy(
  tx: Database,
  { ownerId, itemIds }: { ownerId: UserId; itemIds: readonly string[] },
  change: () => Promise<unknown>,
): Promise<AccessGain[]> {
  const before = await accessOfOthers(tx, ownerId, itemIds)
  await change()
  return accessGains(before, await accessOfOthers(tx, ownerId, itemIds))
}
