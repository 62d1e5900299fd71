import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found, someViewer } from '../../platform/graphql/found.ts'
import { toGlobalId } from '../../platform/graphql/global-ids.ts'
import { type PermissionKey, pastPermissions } from './queries/permissions.ts'
import { type RelationKey, type RelationRow, relationsPage } from './queries/relations.ts'
import { mutations } from './resolvers/mutations.ts'
import { previewAccess } from './resolvers/preview.ts'
import { closestRelation } from './rules.ts'

export const resolvers: Resolvers = {
  Query: { previewAccess },

  Mutation: mutations,

  Account: {
    relations: (account, { direction = null, status = null, first, after = null }, { db }) =>
      relationsPage(db, account.userId, { direction, status, first: first ?? pageSize, after }),
  },

  User: {
    async relation(user, _args, { loaders, viewer }) {
      if (user.userId === viewer?.userId) return null
      return closestRelation(await loaders.relationsWith.load(user.userId))
    },
  },

  DeedItem: {
    access: ({ ownerId, itemId }, _args, { loaders, viewer }) =>
      ownerId === viewer?.userId ? loaders.viewersOfItem.load(itemId) : [],
  },

  Access: {
    viewer: async ({ viewerId }, _args, { loaders }) => found(await loaders.user.load(viewerId)),
    permission: async ({ ownerId, permissionId }, _args, { loaders }) =>
      found(await loaders.permission.load({ ownerId, permissionId })),
    grantedOn: async ({ ownerId, grantedOnId }, _args, { loaders }) =>
      found(await loaders.deedItem.load({ ownerId, itemId: grantedOnId })),
  },

  Relation: {
    id: relationId,
    requester: ({ requesterId }, _args, { loaders }) => loaders.user.load(requesterId),
    requestee: ({ requesteeId }, _args, { loaders }) => (requesteeId === null ? null : loaders.user.load(requesteeId)),
    permissions: ({ requesteeId, grantedById }, _args, { loaders }) =>
      requesteeId === null || grantedById === null
        ? []
        : loaders.permissionsOfRelation.load({ ownerId: requesteeId, relationId: grantedById }),
    pastPermissions: (relation, { first, after = null }, { db, viewer }) =>
      pastPermissions(db, someViewer(viewer).userId, relation, { first: first ?? pageSize, after }),
  },

  Permission: {
    id: (permission) => toGlobalId('Permission', permission),
    relation: async ({ ownerId, relationId }, _args, { loaders }) =>
      found(await loaders.relationOfGrant.load({ ownerId, relationId })),
    item: ({ ownerId, itemId }, _args, { loaders }) => loaders.deedItem.load({ ownerId, itemId }),
  },
}

const pageSize = 20

function relationId({ ownerId, direction, relationId }: RelationRow): string {
  return toGlobalId('Relation', { ownerId, direction: direction.toLowerCase(), relationId })
}

/** How `node(id:)` reads this domain's objects. */
export const sharingNodes = {
  Relation: ({ direction, ...key }: RelationKey, { loaders }: Context) =>
    loaders.relation.load({ ...key, direction: direction.toUpperCase() }),
  Permission: (key: PermissionKey, { loaders }: Context) => loaders.permission.load(key),
}
