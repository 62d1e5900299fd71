import type { Context } from '../../../context.ts'
import type { MutationResolvers, Resolvers } from '../../../generated/graphql.ts'
import type { Transaction } from '../../../platform/database/listeners.ts'
import { forbidden } from '../../../platform/graphql/errors.ts'
import { found, ownKey, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import type { Viewer } from '../../../platform/viewer.ts'
import { deleteDeed, deleteItem, itemsTouchedBy, restore } from '../queries/delete.ts'
import { type DeletionKey, type DeletionRow, deletionsOfOwner } from '../queries/deletions.ts'

const pageSize = 20

export const deletionTypes = {
  Account: {
    deletions: ({ userId }, { first, after }, { db }) =>
      deletionsOfOwner(db, userId, { first: first ?? pageSize, after }),
  },

  Deletion: { id: (deletion) => toGlobalId('Deletion', deletion) },
} satisfies Resolvers

export const deletionMutations: Pick<MutationResolvers, 'deleteDeed' | 'deleteDeedItem' | 'restore'> = {
  async deleteDeed(_, { input }, { viewer, transaction, loaders }) {
    const key = ownKey(fromGlobalId('Deed', input.deedId, 'input.deedId'), viewer)
    const deletion = await transaction(async (tx) =>
      announced(tx, await deleteDeed(tx, key, input.expectedVersion ?? null)),
    )
    return { deletion: found(await loaders.deletion.load(deletion)) }
  },

  async deleteDeedItem(_, { input }, { viewer, transaction, loaders }) {
    const key = ownKey(fromGlobalId('DeedItem', input.itemId, 'input.itemId'), viewer)
    const { deedId } = found(await loaders.deedItem.load(key))
    const deletion = await transaction(async (tx) =>
      announced(tx, await deleteItem(tx, key, input.expectedVersion ?? null)),
    )
    const [row, deed] = await Promise.all([
      loaders.deletion.load(deletion),
      loaders.deed.load({ ownerId: key.ownerId, deedId }),
    ])
    return { deletion: found(row), deed: found(deed) }
  },

  async restore(_, { input }, context) {
    const key = ownKey(fromGlobalId('Deletion', input.deletionId, 'input.deletionId'), context.viewer)
    const deletion = await context.transaction(async (tx) => {
      const touched = await itemsTouchedBy(tx, key)
      const row = await restore(tx, key)
      if (row.kind === 'goal') requireScope('GOALS_WRITE', someViewer(context.viewer))
      await tx.announce('treesChanged', touched)
      return row
    })
    return { restored: found(await restoredNode(deletion, context)) }
  },
}

/** Lets goals be judged anew without what was deleted. */
async function announced(tx: Transaction, deletion: DeletionKey): Promise<DeletionKey> {
  await tx.announce('treesChanged', await itemsTouchedBy(tx, deletion))
  return deletion
}

/** The document does not tell what a deletion is of. Thrown inside the transaction, it takes the restoration back. */
function requireScope(scope: string, viewer: Viewer): void {
  if (viewer.scopes.includes(scope)) return
  throw forbidden(`The token lacks ${scope}.`, { reason: 'MISSING_SCOPE', scopes: [scope] })
}

async function restoredNode({ ownerId, kind, rootId }: DeletionRow, { loaders }: Context) {
  if (kind === 'deed') return named('Deed', await loaders.deed.load({ ownerId, deedId: rootId }))
  if (kind === 'deed_item') return named('DeedItem', await loaders.deedItem.load({ ownerId, itemId: rootId }))
  const goal = await loaders.goal.load({ ownerId, goalId: rootId })
  return named(goal?.kind === 'target' ? 'Target' : 'Merit', goal)
}

/** By `__typename` it is known which type of `Node` a row is of. */
function named<Row extends object>(typeName: string, row: Row | null) {
  return row && { ...row, __typename: typeName }
}
