import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found } from '../../platform/graphql/found.ts'
import { asksFor, asksOnly, type FieldTree, type Selected } from '../../platform/graphql/selection.ts'
import { checkedRange, lastDays } from '../entries/rules/ranges.ts'
import type { AskedDays } from './queries.ts'
import { checkPoints, type DashboardModel, fillSeries, pointsOf, previousRange, seriesKeys } from './rules.ts'

/** What needs nothing of items. */
const withoutItems: FieldTree = { from: true, to: true, asOf: true, isPartial: true, totals: true, deeds: true }

export const resolvers: Resolvers = {
  User: {
    async dashboard(user, { range }, { loaders }, info) {
      const asked = range && checkedRange(range)
      const withItems = !asksOnly(info, withoutItems)
      const days = asked && { ownerId: user.userId, from: asked.from, to: asked.to, withItems }
      const beside = days && readBeside(days, loaders, info)
      // Who asked for nothing but their dashboard was not read yet.
      const { today, weekStart } = user.today === undefined ? found(await loaders.user.load(user.userId)) : user
      await beside
      const { from, to } = asked ?? lastDays(today)
      return { ownerId: user.userId, today, weekStart, from, to, withItems }
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
    deed: ({ ownerId, deedId }, _args, { loaders }) =>
      loaders.deedsById.peek(ownerId)?.get(deedId) ?? loaders.deed.load({ ownerId, deedId }).then(found),
  },

  ItemStatistics: {
    item: ({ ownerId, itemId }, _args, { loaders }) =>
      loaders.itemsOfOwner.peek(ownerId)?.items.get(itemId) ?? loaders.deedItem.load({ ownerId, itemId }).then(found),
  },

  Series: {
    deed: ({ ownerId, deedId }, _args, { loaders }) =>
      deedId === null ? null : loaders.deed.load({ ownerId, deedId }),
    item: ({ ownerId, itemId }, _args, { loaders }) =>
      itemId === null ? null : loaders.deedItem.load({ ownerId, itemId }),
  },
}

function statistics({ ownerId, from, to, withItems }: DashboardModel, { loaders }: Context) {
  return loaders.dashboardStatistics.load({ ownerId, from, to, withItems })
}

/** Reads, in the flight of the owner's calendar, what the document shows of the days: nothing of it depends on the calendar. */
async function readBeside(days: AskedDays, loaders: Context['loaders'], info: Selected): Promise<void> {
  const shows = (path: string) => asksFor(info, path)
  await Promise.all([
    // Its failure is that of the fields that show it.
    ['asOf', 'totals', 'deeds', 'items'].some(shows) && loaders.dashboardStatistics.load(days).catch(() => {}),
    shows('deeds.deed') && loaders.deedsById.load(days.ownerId),
    shows('items.item') && loaders.itemsOfOwner.load(days.ownerId),
  ])
}
