import type { Resolvers } from '../../generated/graphql.ts'
import { checkedRange } from '../entries/rules/ranges.ts'
import { totalsBetween, totalsKeptAt } from './queries/totals.ts'

const units = { DAY: 'day', WEEK: 'week', MONTH: 'month' } as const

export const resolvers: Resolvers = {
  Query: {
    analytics: () => ({}),
  },

  Analytics: {
    asOf: (_analytics, _args, { reporting }) => totalsKeptAt(reporting),
    totals: (_analytics, { range, by }, { reporting }) =>
      totalsBetween(reporting, { range: range ? checkedRange(range) : null, by: units[by ?? 'MONTH'] }),
  },

  AnalyticsTotals: {
    isSuppressed: ({ people }) => people === null,
  },
}
