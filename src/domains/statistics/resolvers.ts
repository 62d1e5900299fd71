import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found } from '../../platform/graphql/found.ts'
import { checkedRange, type DateRange, lastDays } from '../entries/rules/ranges.ts'
import type { Branch } from './queries.ts'

export const resolvers: Resolvers = {
  Deed: {
    statistics: ({ ownerId, deedId }, { range }, context) =>
      statistics({ ownerId, deedId, itemId: null, includesDescendants: true }, range, context),
    streak: ({ ownerId, deedId }, _args, context) =>
      streak({ ownerId, deedId, itemId: null, includesDescendants: true }, context),
  },

  DeedItem: {
    statistics: ({ ownerId, deedId, itemId }, { range, includeDescendants }, context) =>
      statistics({ ownerId, deedId, itemId, includesDescendants: includeDescendants ?? true }, range, context),
    streak: ({ ownerId, deedId, itemId }, { includeDescendants }, context) =>
      streak({ ownerId, deedId, itemId, includesDescendants: includeDescendants ?? true }, context),
  },

  ValueShare: {
    scaleValue: async ({ ownerId, scaleValueId }, _args, { loaders }) =>
      found(await loaders.scaleValue.load({ ownerId, scaleValueId })),
  },
}

async function statistics(branch: Branch, range: DateRange | null | undefined, { loaders }: Context) {
  const asked = range && checkedRange(range)
  const today = await todayOf(branch, loaders)
  const { from, to } = asked ?? lastDays(today)
  return found(await loaders.statistics.load({ ...branch, from, to, today }))
}

async function streak(branch: Branch, { loaders }: Context) {
  return found(await loaders.streak.load({ ...branch, today: await todayOf(branch, loaders) }))
}

/** DAY-1 The civil date of whoever's entries they are. */
async function todayOf({ ownerId }: Branch, loaders: Context['loaders']): Promise<string> {
  return found(await loaders.user.load(ownerId)).today
}
