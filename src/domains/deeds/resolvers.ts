import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { found } from '../../platform/graphql/found.ts'
import { toGlobalId } from '../../platform/graphql/global-ids.ts'
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
    async deeds(user, { category, includeHidden }, { loaders }) {
      const deeds = await loaders.deedsOfOwner.load(user.userId)
      return deeds.filter(
        (deed) => (includeHidden || !deed.isHidden) && (category == null || deed.category === category),
      )
    },
  },

  Deed: {
    id: (deed) => toGlobalId('Deed', deed),
    owner: async (deed, _args, { loaders }) => found(await loaders.user.load(deed.ownerId)),
    itemCount: async (deed, _args, context) => (await treeOfDeed(deed, context)).items.length,
    items: async (deed, _args, context) => (await treeOfDeed(deed, context)).roots,
    async itemTree(deed, { maxDepth }, context) {
      const depth = checkDepth(maxDepth ?? mostLevels)
      return (await treeOfDeed(deed, context)).items.filter((item) => item.level <= depth)
    },
    scale: (deed, { on }, { loaders }) => loaders.scaleOnDay.load({ ...deedKey(deed), on: on ?? null }),
    scales: (deed, _args, { loaders }) => loaders.scalesOfDeed.load(deedKey(deed)),
  },

  DeedItem: {
    id: (item) => toGlobalId('DeedItem', item),
    deed: async (item, _args, { loaders }) => found(await loaders.deed.load(deedKey(item))),
    parentId: ({ ownerId, parentId }) => parentId && toGlobalId('DeedItem', { ownerId, itemId: parentId }),
    parent: (item, _args, context) => inTree(item, context, ({ byId }) => byId.get(item.parentId ?? '') ?? null),
    children: (item, _args, context) => inTree(item, context, (tree) => tree.childrenOf(item.itemId)),
    hasChildren: (item, _args, context) => inTree(item, context, (tree) => tree.childrenOf(item.itemId).length > 0),
    path: (item, _args, context) => inTree(item, context, (tree) => tree.pathTo(item.itemId)),
    async viewerMay(item, _args, { loaders, viewer }) {
      if (item.ownerId === viewer?.userId)
        return item.isPrivate ? ['READ', 'RECORD', 'EDIT'] : ['READ', 'RECORD', 'EDIT', 'SHARE']
      const access = await loaders.itemAccess.load({ ownerId: item.ownerId, itemId: item.itemId })
      return access?.mayRecord ? ['READ', 'RECORD'] : ['READ']
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
  DeedItem: (key: ItemKey, { loaders }: Context) => loaders.deedItem.load(key),
  Scale: (key: ScaleKey, { loaders }: Context) => loaders.scale.load(key),
  ScaleValue: (key: ScaleValueKey, { loaders }: Context) => loaders.scaleValue.load(key),
  Deletion: (key: DeletionKey, { loaders }: Context) => loaders.deletion.load(key),
}

function deedKey({ ownerId, deedId }: DeedKey): DeedKey {
  return { ownerId, deedId }
}

async function treeOfDeed(deed: DeedKey, { loaders }: Context): Promise<ItemTree<DeedItemRow>> {
  return (await loaders.itemTree.load(deedKey(deed))) ?? growTree<DeedItemRow>([])
}

/** Answers at once where the item was read with its tree: no promise per row of a wide answer. */
function inTree<Answer>(item: DeedItemRow, context: Context, answer: (tree: ItemTree<DeedItemRow>) => Answer) {
  return item.tree ? answer(item.tree) : treeOfDeed(item, context).then(answer)
}

function checkDepth(maxDepth: number): number {
  if (maxDepth >= 1 && maxDepth <= mostLevels) return maxDepth
  throw badUserInput(`maxDepth is from 1 to ${mostLevels}.`, { reason: 'OUT_OF_RANGE', field: 'maxDepth' })
}
