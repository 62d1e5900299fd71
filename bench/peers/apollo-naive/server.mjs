// Apollo Server as first written: its defaults, and a statement for every field that is a relation.
import { serve } from '../common/apollo.mjs'
import * as data from '../common/data.mjs'

const single = (read) => async (parent) => (await read([parent]))[0]

await serve({
  relations: {
    Entry: { item: single(data.itemsOf), scaleValue: single(data.scaleValuesOf) },
    DeedItem: { deed: single(data.deedsOf), latestEntry: single(data.latestEntriesOf) },
    Deed: { items: single(data.itemsOfDeeds) },
    Merit: { progress: async (merit, { asOf }) => (await data.progressOf([merit], asOf))[0] },
  },
})
