import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { found } from '../../platform/graphql/found.ts'
import { idOfRow, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { asksFor, asksOnly, type FieldTree, type Selected } from '../../platform/graphql/selection.ts'
import type { DeletionKey } from './queries/deletions.ts'
import type { DeedItemRow, DeedKey, ItemKey, ScaleKey, ScaleValueKey } from './queries.ts'
import { deletionMutations, deletionTypes } from './resolvers/deletions.ts'
import { mutations } from './resolvers/mutations.ts'
import { scaleMutations } from './resolvers/scales.ts'
import { mostLevels } from './rules/new-items.ts'
import { growTree, type ItemTree } from './rules.ts'

export const resolvers: Resolvers = {
  Mutation: { ...mutations, ...deletionMutations, ...scaleMutations },

  ...deletionTypes,

  User: {
    async deeds({ userId }, { category, includeHidden }, { loaders }, info) {
      const showsItems = ['items', 'itemTree', 'itemCount'].some((name) => asksFor(info, name))
      const showsEntries = asksFor(info, 'itemTree.latestEntry')
      const [deeds] = await Promise.all([
        loaders.deedsOfOwner.load(userId),
        showsItems ? loaders.itemsOfOwner.load(userId) : null,
        showsEntries ? loaders.latestEntriesOfOwner.load(userId) : null,
        showsEntries && asksFor(info, 'itemTree.latestEntry.scaleValue')
          ? loaders.scaleValuesOfOwner.load(userId)
          : null,
      ])
      return deeds.filter(
        (deed) => (includeHidden || !deed.isHidden) && (category == null || deed.category === category),
      )
    },
  },

  Deed: {
    id: (deed) => idOfRow('Deed', deed),
    owner: async (deed, _args, { loaders }) => found(await loaders.user.load(deed.ownerId)),
    itemCount: (deed, _args, context) => withTree(deed, context, (tree) => tree.items.length),
    items: (deed, _args, context) => withTree(deed, context, (tree) => tree.roots),
    itemTree(deed, { maxDepth }, context) {
      const depth = checkDepth(maxDepth ?? mostLevels)
      return withTree(deed, context, (tree) => tree.items.filter((item) => item.level <= depth))
    },
    scale: (deed, { on }, { loaders }) => loaders.scaleOnDay.load({ ...deedKey(deed), on: on ?? null }),
    scales: (deed, _args, { loaders }) => loaders.scalesOfDeed.load(deedKey(deed)),
  },

  DeedItem: {
    id: (item) => idOfRow('DeedItem', item),
    deed: (item, _args, { loaders }) =>
      loaders.deedsById.peek(item.ownerId)?.get(item.deedId) ?? deedOfItem(item, loaders),
    parentId: ({ ownerId, parentId }) => parentId && toGlobalId('DeedItem', { ownerId, itemId: parentId }),
    parent: (item, _args, context) => inTree(item, context, ({ byId }) => byId.get(item.parentId ?? '') ?? null),
    children: (item, _args, context) => inTree(item, context, (tree) => tree.childrenOf(item.itemId)),
    hasChildren: (item, _args, context) => inTree(item, context, (tree) => tree.childrenOf(item.itemId).length > 0),
    path: (item, _args, context) => inTree(item, context, (tree) => tree.pathTo(item.itemId)),
    async viewerMay({ ownerId, isPrivate, mayRecord }, _args, { viewer, loaders }) {
      if (ownerId !== viewer?.userId) return mayRecord ? ['READ', 'RECORD'] : ['READ']
      // SES-4
      const mayShare = !isPrivate && (await loaders.account.load(ownerId))?.emailVerified
      return mayShare ? ['READ', 'RECORD', 'EDIT', 'SHARE'] : ['READ', 'RECORD', 'EDIT']
    },
  },

  Scale: {
    id: (scale) => toGlobalId('Scale', scale),
    values: ({ ownerId, scaleId }, _args, { loaders }) => loaders.valuesOfScale.load({ ownerId, scaleId }),
  },

  ScaleValue: { id: (value) => toGlobalId('ScaleValue', value) },
}

/** How `node(id:)` reads this domain's objects. */
export const deedNodes = {
  Deed: (key: DeedKey, { loaders }: Context) => loaders.deed.load(key),
  DeedItem: (key: ItemKey, { loaders }: Context, info: Selected) =>
    asksOnly(info, placeless) ? loaders.placelessItem.load(key) : loaders.deedItem.load(key),
  Scale: (key: ScaleKey, { loaders }: Context) => loaders.scale.load(key),
  ScaleValue: (key: ScaleValueKey, { loaders }: Context) => loaders.scaleValue.load(key),
  Deletion: (key: DeletionKey, { loaders }: Context) => loaders.deletion.load(key),
}

/** What an item shows whatever else of its deed is shared. */
const placeless: FieldTree = {
  id: true,
  name: true,
  description: true,
  isHidden: true,
  isPrivate: true,
  version: true,
  viewerMay: true,
}

function deedKey({ ownerId, deedId }: DeedKey): DeedKey {
  return { ownerId, deedId }
}

async function deedOfItem(item: DeedItemRow, loaders: Context['loaders']) {
  return found(await loaders.deed.load(deedKey(item)))
}

async function treeOfDeed(deed: DeedKey, { loaders }: Context): Promise<ItemTree<DeedItemRow>> {
  return (await loaders.itemTree.load(deedKey(deed))) ?? growTree<DeedItemRow>([])
}

/** Answers at once where the item was read with its tree: no promise per row of a wide answer. */
function inTree<Answer>(item: DeedItemRow, context: Context, answer: (tree: ItemTree<DeedItemRow>) => Answer) {
  return item.tree ? answer(item.tree) : withTree(item, context, answer)
}

/** Answers at once where all items of the owner were read. */
function withTree<Answer>(deed: DeedKey, context: Context, answer: (tree: ItemTree<DeedItemRow>) => Answer) {
  const all = context.loaders.itemsOfOwner.peek(deed.ownerId)
  if (!all?.isWhole) return treeOfDeed(deed, context).then(answer)
  return answer(all.trees.get(deed.deedId) ?? growTree<DeedItemRow>([]))
}

function checkDepth(maxDepth: number): number {
  if (maxDepth >= 1 && maxDepth <= mostLevels) return maxDepth
  throw badUserInput(`maxDepth is from 1 to ${mostLevels}.`, { reason: 'OUT_OF_RANGE', field: 'maxDepth' })
}
