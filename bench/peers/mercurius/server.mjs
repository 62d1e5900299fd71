// Mercurius on Fastify, as its documentation teaches for speed: loaders for every relation, without the cache that serializes their keys (the
// batches drop doubles themselves), and its compiler for every query from the second time on.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import * as data from '../common/data.mjs'
import { typeDefs } from '../common/schema.mjs'

const root = (read) => (_, args) => read(args)
const batch = (read) => ({
  loader: (queries) =>
    read(
      queries.map(({ obj }) => obj),
      queries[0].params,
    ),
  opts: { cache: false },
})

const app = Fastify()
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Query: {
      access: root(data.access),
      entries: root(data.entries),
      sharedEntries: root(data.sharedEntries),
      totals: root(data.totals),
      deedTotals: root(data.deedTotals),
      deeds: root(data.deeds),
      merits: root(data.merits),
    },
    Mutation: { recordEntry: root(data.recordEntry) },
  },
  loaders: {
    Entry: { item: batch(data.itemsOf), scaleValue: batch(data.scaleValuesOf) },
    DeedItem: { deed: batch(data.deedsOf), latestEntry: batch(data.latestEntriesOf) },
    Deed: { items: batch(data.itemsOfDeeds) },
    Merit: { progress: batch((merits, { asOf }) => data.progressOf(merits, asOf)) },
  },
  jit: 1,
})
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
