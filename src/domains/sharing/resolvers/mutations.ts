import type { Context } from '../../../context.ts'
import type { MutationResolvers } from '../../../generated/graphql.ts'
import { badUserInput, notFound } from '../../../platform/graphql/errors.ts'
import { found, ownKey, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId } from '../../../platform/graphql/global-ids.ts'
import { answerRequest, liftBlock, removeRelation } from '../answering.ts'
import { grantPermissions, revokePermissions } from '../granting.ts'
import type { GrantingKey } from '../queries/relations.ts'
import { sendRequest } from '../requesting.ts'
import { checkedAddress } from '../rules/addresses.ts'
import { mostGrants } from '../rules/grants.ts'

export const mutations: Pick<
  MutationResolvers,
  'requestRelation' | 'respondToRelation' | 'removeRelation' | 'unblock' | 'grantPermissions' | 'revokePermissions'
> = {
  async requestRelation(_, { input }, context) {
    const sentTo = checkedAddress(input.to, 'input.to')
    const key = await sendRequest(context, sentTo)
    return { sentTo, relation: found(await context.loaders.relation.load(key)) }
  },

  async respondToRelation(_, { input }, context) {
    const key = receivedKey(input.relationId, context)
    await answerRequest(context, key, input.response)
    return { relation: await receivedRelation(key, context) }
  },

  async removeRelation(_, { input }, context) {
    const { direction, ...key } = ownRelation(input.relationId, context)
    await context.transaction((tx) => removeRelation(tx, key, direction === 'sent'))
    return { relationId: input.relationId }
  },

  async unblock(_, { input }, context) {
    const key = receivedKey(input.relationId, context)
    await context.transaction((tx) => liftBlock(tx, key))
    return { relationId: input.relationId }
  },

  async grantPermissions(_, { input }, context) {
    const key = receivedKey(input.relationId, context)
    checkCount(input.permissions, 'input.permissions')
    const grants = input.permissions.map((grant, place) => ({
      itemId: ownKey(fromGlobalId('DeedItem', grant.itemId, `input.permissions[${place}].itemId`), context.viewer)
        .itemId,
      type: grant.type,
      includesDescendants: grant.includesDescendants ?? true,
      sharesNotes: grant.sharesNotes ?? false,
      backfillDays: grant.backfillDays ?? 7,
      expiresAt: grant.expiresAt ?? null,
    }))
    const permissionIds = await context.transaction((tx) => grantPermissions(tx, key, grants))
    const [relation, permissions] = await Promise.all([
      receivedRelation(key, context),
      ownPermissions(permissionIds, context),
    ])
    return { relation, permissions }
  },

  async revokePermissions(_, { input }, context) {
    const { userId } = someViewer(context.viewer)
    checkCount(input.permissionIds, 'input.permissionIds')
    const ids = input.permissionIds.map(
      (id, place) =>
        ownKey(fromGlobalId('Permission', id, `input.permissionIds[${place}]`), context.viewer).permissionId,
    )
    await context.transaction((tx) => revokePermissions(tx, userId, ids))
    return { permissions: await ownPermissions(ids, context) }
  },
}

function ownRelation(id: string, { viewer }: Context) {
  return ownKey(fromGlobalId('Relation', id, 'input.relationId'), viewer)
}

/** A relation that was asked of the viewer: of one that they asked for themselves, there is nothing to answer or grant. */
function receivedKey(id: string, context: Context): GrantingKey {
  const { ownerId, direction, relationId } = ownRelation(id, context)
  if (direction !== 'received') throw notFound()
  return { ownerId, relationId }
}

async function receivedRelation(key: GrantingKey, { loaders }: Context) {
  return found(await loaders.relation.load({ ...key, direction: 'RECEIVED' }))
}

function ownPermissions(permissionIds: readonly string[], { loaders, viewer }: Context) {
  const ownerId = someViewer(viewer).userId
  return Promise.all(
    permissionIds.map(async (permissionId) => found(await loaders.permission.load({ ownerId, permissionId }))),
  )
}

function checkCount(list: readonly unknown[], field: string): void {
  if (list.length >= 1 && list.length <= mostGrants) return
  throw badUserInput(`\`${field}\` has ${list.length} values; 1 to ${mostGrants} are taken at once.`, {
    reason: 'OUT_OF_RANGE',
    field,
  })
}
