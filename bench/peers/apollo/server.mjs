// Apollo Server done with care: a DataLoader for every relation, made anew for each request, and without the cache-control plugin, which looks
// at every field and which nothing here needs.
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import DataLoader from 'dataloader'
import { serve } from '../common/apollo.mjs'
import * as data from '../common/data.mjs'

const loader = (read, keyOf) => new DataLoader(read, { cacheKeyFn: keyOf, maxBatchSize: 1_000 })

await serve({
  plugins: [ApolloServerPluginCacheControlDisabled()],
  context: async () => ({
    items: loader(data.itemsOf, ({ owner, itemId }) => `${owner}:${itemId}`),
    scaleValues: loader(data.scaleValuesOf, ({ owner, scaleValueId }) => `${owner}:${scaleValueId}`),
    deeds: loader(data.deedsOf, ({ owner, deedId }) => `${owner}:${deedId}`),
    latestEntries: loader(data.latestEntriesOf, ({ owner, id }) => `${owner}:${id}`),
    itemsOfDeeds: loader(data.itemsOfDeeds, ({ owner, id }) => `${owner}:${id}`),
    progress: loader(
      (asked) => data.progressOf(asked, asked[0].asOf),
      ({ owner, id, asOf }) => `${owner}:${id}:${asOf}`,
    ),
  }),
  relations: {
    Entry: {
      item: (entry, _, { items }) => items.load(entry),
      scaleValue: (entry, _, { scaleValues }) => (entry.scaleValueId === null ? null : scaleValues.load(entry)),
    },
    DeedItem: {
      deed: (item, _, { deeds }) => deeds.load(item),
      latestEntry: (item, _, { latestEntries }) => latestEntries.load(item),
    },
    Deed: { items: (deed, _, { itemsOfDeeds }) => itemsOfDeeds.load(deed) },
    Merit: { progress: ({ owner, id }, { asOf }, { progress }) => progress.load({ owner, id, asOf }) },
  },
})
