import type { Resolvers } from '../../generated/graphql.ts'
import { found, someViewer } from '../../platform/graphql/found.ts'
import { foundObjects } from './finding.ts'
import { searchText } from './rules.ts'

const pageSize = 20

export const resolvers: Resolvers = {
  Query: {
    search: (_, { text, in: kinds, first, after }, context) =>
      foundObjects(context, someViewer(context.viewer), searchText(text), kinds ?? null, {
        first: first ?? pageSize,
        after,
      }),
  },
  SearchResult: {
    owner: async ({ ownerId }, _args, { loaders }) => found(await loaders.user.load(ownerId)),
    fragments: (result) => result.fragments(),
  },
}
