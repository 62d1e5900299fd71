import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found } from '../../platform/graphql/found.ts'
import { checkedRange, lastDays } from '../entries/rules/ranges.ts'
import { checkPoints, type DashboardModel, fillSeries, pointsOf, previousRange, seriesKeys } from './rules.ts'

export const resolvers: Resolvers = {
  User: {
    dashboard: ({ userId, today, weekStart }, { range }) => {
      const days = range ? checkedRange(range) : lastDays(today)
      return { ownerId: userId, today, weekStart, from: days.from, to: days.to }
    },
  },

  Dashboard: {
    isPartial: ({ to, today }) => to >= today,
    asOf: async (dashboard, _args, context) => (await statistics(dashboard, context)).asOf,
    totals: async (dashboard, _args, context) => (await statistics(dashboard, context)).totals,
    deeds: async (dashboard, _args, context) => (await statistics(dashboard, context)).deeds,
    items: async (dashboard, _args, context) => (await statistics(dashboard, context)).items,
    series: async (dashboard, args, context) => {
      const { by, every } = { by: args.by ?? 'CATEGORY', every: args.every ?? 'DAY' } as const
      const [everything, recorded] = await Promise.all([
        statistics(dashboard, context),
        context.loaders.recordedPoints.load({ dashboard, by, every }),
      ])
      const keys = seriesKeys(by, everything, dashboard.ownerId)
      checkPoints(dashboard, every, keys.length)
      return fillSeries(keys, recorded, pointsOf(dashboard, every))
    },
    previous: (dashboard) => {
      const range = previousRange(dashboard)
      return range && { ...dashboard, ...range }
    },
  },

  DeedStatistics: {
    deed: async ({ ownerId, deedId }, _args, { loaders }) => found(await loaders.deed.load({ ownerId, deedId })),
  },

  ItemStatistics: {
    item: async ({ ownerId, itemId }, _args, { loaders }) => found(await loaders.deedItem.load({ ownerId, itemId })),
  },

  Series: {
    deed: ({ ownerId, deedId }, _args, { loaders }) =>
      deedId === null ? null : loaders.deed.load({ ownerId, deedId }),
    item: ({ ownerId, itemId }, _args, { loaders }) =>
      itemId === null ? null : loaders.deedItem.load({ ownerId, itemId }),
  },
}

function statistics(dashboard: DashboardModel, { loaders }: Context) {
  return loaders.dashboardStatistics.load(dashboard)
}
