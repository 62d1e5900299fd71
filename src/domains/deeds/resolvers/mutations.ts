import type { MutationResolvers } from '../../../generated/graphql.ts'
import { conflict } from '../../../platform/graphql/errors.ts'
import { found, ownKey, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import type { PermissionKey } from '../../sharing/queries/permissions.ts'
import type { AccessGain } from '../../sharing/rules.ts'
import { moveItem } from '../queries/move-item.ts'
import { createDeed, updateDeed } from '../queries/write-deeds.ts'
import { createItems, updateItem } from '../queries/write-items.ts'
import type { ItemKey } from '../queries.ts'
import { newDeed } from '../rules/new-deed.ts'

declare module '../../../platform/database/listeners.ts' {
  interface Announcements {
    /** Items that were moved, by any one of their tree; what is counted over subtrees is not what it was. */
    treesChanged: readonly ItemKey[]
  }
}

export const mutations: Pick<
  MutationResolvers,
  'createDeed' | 'updateDeed' | 'createDeedItems' | 'updateDeedItem' | 'moveDeedItem'
> = {
  async createDeed(_, { input }, { viewer, transaction, loaders }) {
    const { userId } = someViewer(viewer)
    const deed = newDeed(input)
    const key = await transaction((tx) => createDeed(tx, userId, deed))
    return { deed: found(await loaders.deed.load(key)) }
  },

  async updateDeed(_, { input }, { viewer, transaction, loaders }) {
    const key = ownKey(fromGlobalId('Deed', input.deedId, 'input.deedId'), viewer)
    await transaction((tx) => updateDeed(tx, key, input))
    return { deed: found(await loaders.deed.load(key)) }
  },

  async createDeedItems(_, { input }, { viewer, transaction, loaders }) {
    const key = ownKey(fromGlobalId('Deed', input.deedId, 'input.deedId'), viewer)
    const parent = input.parentId == null ? null : ownItem(input.parentId, 'input.parentId', viewer)
    const ids = await transaction((tx) =>
      createItems(tx, key, { items: input.items, parentId: parent?.itemId ?? null }),
    )
    const created = new Set(ids)
    const [deed, tree] = await Promise.all([loaders.deed.load(key), loaders.itemTree.load(key)])
    return { deed: found(deed), items: found(tree).items.filter((item) => created.has(item.itemId)) }
  },

  async updateDeedItem(_, { input }, { viewer, transaction, loaders }) {
    const key = ownItem(input.itemId, 'input.itemId', viewer)
    await transaction(async (tx) => {
      const { gains, grants } = await updateItem(tx, key, input)
      refuseGranted(grants)
      refuseGains(gains, input)
    })
    return { item: found(await loaders.deedItem.load(key)) }
  },

  async moveDeedItem(_, { input }, { viewer, transaction, loaders }) {
    const key = ownItem(input.itemId, 'input.itemId', viewer)
    // Null is the top, and left out where it is.
    const parentId = input.parentId == null ? input.parentId : ownItem(input.parentId, 'input.parentId', viewer).itemId
    await transaction(async (tx) => {
      refuseGains(await moveItem(tx, key, { ...input, parentId }), input)
      await tx.announce('treesChanged', [key])
    })
    return { item: found(await loaders.deedItem.load(key)) }
  },
}

/** SHA-4 CONFLICT, reason ITEM_IS_PRIVATE, with `permissionIds`, while any stand on the item that is to become private. */
function refuseGranted(permissions: readonly PermissionKey[]): void {
  if (permissions.length === 0) return
  const stand = permissions.length === 1 ? 'A permission stands' : `${permissions.length} permissions stand`
  throw conflict(
    `${stand} on this item, which others see by it: take back what \`extensions.permissionIds\` names with \`revokePermissions\`, then make it private.`,
    {
      reason: 'ITEM_IS_PRIVATE',
      field: 'input.isPrivate',
      permissionIds: permissions.map((key) => toGlobalId('Permission', key)),
    },
  )
}

function ownItem(id: string, field: string, viewer: Parameters<typeof ownKey>[1]) {
  return ownKey(fromGlobalId('DeedItem', id, field), viewer)
}

/**
 * SHA-10 CONFLICT, ACCESS_WOULD_WIDEN with `gains`, a list of who would see which items, unless it was acknowledged.
 * Thrown inside the transaction, it takes the change back.
 */
function refuseGains(
  gains: readonly AccessGain[],
  input: { itemId: string; acknowledgeWiderAccess?: boolean | null | undefined },
): void {
  if (gains.length === 0 || input.acknowledgeWiderAccess) return
  const { ownerId } = fromGlobalId('DeedItem', input.itemId)
  throw conflict('Others would then see more. Send acknowledgeWiderAccess if that is meant.', {
    reason: 'ACCESS_WOULD_WIDEN',
    gains: gains.map(({ viewerId, itemIds }) => ({
      userId: toGlobalId('User', { userId: viewerId }),
      itemIds: itemIds.map((itemId) => toGlobalId('DeedItem', { ownerId, itemId })),
    })),
  })
}
