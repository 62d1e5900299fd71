import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { ownKey, someViewer } from '../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { checkedRange } from '../entries/rules/ranges.ts'
import { type ReflectionKey, reflectionsPage } from './queries.ts'
import { longestReflection } from './rules.ts'
import { deleteReflection, writeReflection } from './writing.ts'

const pageSize = 20

export const resolvers: Resolvers = {
  Account: {
    reflections: ({ userId }, { range, first, after = null }, { db }) =>
      reflectionsPage(db, userId, { range: range ? checkedRange(range) : null, first: first ?? pageSize, after }),
  },

  Reflection: {
    id: (reflection) => toGlobalId('Reflection', reflection),
  },

  Mutation: {
    writeReflection(_root, { input }, { viewer, transaction }) {
      const { userId } = someViewer(viewer)
      const request = {
        date: input.date ?? null,
        type: input.type,
        message: requireText(input.message, { field: 'input.message', max: longestReflection }),
        expectedVersion: input.expectedVersion ?? null,
      }
      return transaction((tx) => writeReflection(tx, userId, request))
    },
    deleteReflection(_root, { input }, { viewer, transaction }) {
      const key = ownKey(fromGlobalId('Reflection', input.reflectionId, 'input.reflectionId'), viewer)
      return transaction((tx) => deleteReflection(tx, key, input.expectedVersion ?? null))
    },
  },
}

/** How `node(id:)` reads this domain's objects. */
export const journalNodes = {
  Reflection: (key: ReflectionKey, { loaders }: Context) => loaders.reflection.load(key),
}
