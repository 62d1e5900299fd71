import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found } from '../../platform/graphql/found.ts'
import { toGlobalId } from '../../platform/graphql/global-ids.ts'
import { type PermissionKey, type RelationKey, relationsPage } from './queries.ts'
import { closestRelation } from './rules.ts'

export const resolvers: Resolvers = {
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

  Relation: {
    id: (relation) => toGlobalId('Relation', relation),
    requester: ({ requesterId }, _args, { loaders }) => loaders.user.load(requesterId),
    requestee: ({ requesteeId }, _args, { loaders }) => (requesteeId === null ? null : loaders.user.load(requesteeId)),
    permissions: ({ ownerId, relationId }, _args, { loaders }) =>
      loaders.permissionsOfRelation.load({ ownerId, relationId }),
  },

  Permission: {
    id: (permission) => toGlobalId('Permission', permission),
    relation: async ({ ownerId, relationId }, _args, { loaders }) =>
      found(await loaders.relation.load({ ownerId, relationId })),
    item: ({ ownerId, itemId }, _args, { loaders }) => loaders.deedItem.load({ ownerId, itemId }),
  },
}

const pageSize = 20

/** How `node(id:)` reads this domain's objects. */
export const sharingNodes = {
  Relation: (key: RelationKey, { loaders }: Context) => loaders.relation.load(key),
  Permission: (key: PermissionKey, { loaders }: Context) => loaders.permission.load(key),
}
