import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found, someViewer } from '../../platform/graphql/found.ts'
import { toGlobalId } from '../../platform/graphql/global-ids.ts'
import { asksFor, asksOnly, type FieldTree, type Selected } from '../../platform/graphql/selection.ts'
import { recordInBulk } from './bulk.ts'
import type { ChangeKey } from './queries/changes.ts'
import { changesOfEntry } from './queries/changes.ts'
import type { EntryValueRow } from './queries.ts'
import { entriesOfItem, entriesOfOwner } from './queries.ts'
import { clearEntry, recordEntry } from './recording.ts'
import { bulkRequestOf, clearRequestOf, conditionsOf, keyOf, recordRequestOf, revertRequestOf } from './requests.ts'
import { revertEntry } from './reverting.ts'
import { checkedRange } from './rules/ranges.ts'
import type { EntryPlace } from './rules.ts'

export const resolvers: Resolvers = {
  Mutation: {
    recordEntry(_, { input }, { viewer, transaction }) {
      const request = recordRequestOf(input)
      const key = keyOf(input.idempotencyKey)
      return transaction((tx) => recordEntry(tx, someViewer(viewer).userId, request, key), {
        owners: [request.ownerId],
      })
    },
    clearEntry(_, { input }, { viewer, transaction }) {
      const request = clearRequestOf(input)
      const key = keyOf(input.idempotencyKey)
      return transaction((tx) => clearEntry(tx, someViewer(viewer).userId, request, key), { owners: [request.ownerId] })
    },
    recordEntries: (_, { input }, { viewer, transaction }) =>
      recordInBulk(transaction, someViewer(viewer).userId, bulkRequestOf(input)),
    revertEntry(_, { input }, { viewer, transaction }) {
      const request = revertRequestOf(input)
      const key = keyOf(input.idempotencyKey)
      return transaction((tx) => revertEntry(tx, someViewer(viewer).userId, request, key), {
        owners: [request.ownerId],
        origin: 'revert',
      })
    },
  },
  User: {
    async entries({ userId }, { filter, orderBy, first, after }, { db, viewer, loaders }, info) {
      const conditions = conditionsOf(filter, userId)
      const options = { conditions, orderBy, first: first ?? pageSize, after, isPlain: asksOnly(info, plainPage) }
      const entries = entriesOfOwner(reading(userId, db, viewer), someViewer(viewer).userId, userId, options)
      const [page] = await Promise.all([entries, readBeside(userId, loaders, info)])
      return page
    },
  },
  DeedItem: {
    entry: ({ ownerId, itemId }, { date }, { loaders }) =>
      loaders.entryOnDay.load({ ownerId, itemId, date: date ?? null }),
    latestEntry({ ownerId, itemId }, _, { loaders }) {
      const known = loaders.latestEntriesOfOwner.peek(ownerId)?.get(itemId)
      return known === undefined ? loaders.latestEntry.load({ ownerId, itemId }) : known
    },
    entries(item, { range, first, after }, { db, viewer }) {
      const days = range && checkedRange(range)
      return entriesOfItem(reading(item.ownerId, db, viewer), someViewer(viewer).userId, item, {
        range: days,
        first: first ?? pageSize,
        after,
      })
    },
  },
  Entry: {
    id: (entry) => toGlobalId('Entry', entry),
    owner: async ({ ownerId }, _args, { loaders }) => found(await loaders.user.load(ownerId)),
    item: (entry, _args, context) =>
      context.loaders.itemsOfOwner.peek(entry.ownerId)?.items.get(entry.itemId) ?? itemOfDay(entry, {}, context),
    scaleValue,
    recordedBy: ({ recordedById }, _args, { loaders }) =>
      recordedById === null ? null : loaders.user.load(recordedById),
    history: (entry, { first, after }, { db, viewer }) =>
      changesOfEntry(db.reading([entry.ownerId]), someViewer(viewer).userId, entry, {
        first: first ?? pageSize,
        after,
      }),
  },

  EntryValue: { scaleValue },

  EntryChange: {
    id: (change) => toGlobalId('EntryChange', change),
    changedBy: ({ changedById }, _args, { loaders }) => (changedById === null ? null : loaders.user.load(changedById)),
  },

  ClearEntryPayload: { item: itemOfDay },
  RevertEntryPayload: { item: itemOfDay },
}

/** How `node(id:)` reads this domain's objects. */
export const entryNodes = {
  Entry: (key: EntryPlace, { loaders }: Context) => loaders.entryOnDay.load(key),
  EntryChange: (key: ChangeKey, { loaders }: Context) => loaders.entryChange.load(key),
}

const pageSize = 20

/** A page of which no row says more than `plainColumns` has. */
const plainPage: FieldTree = {
  nodes: { id: true, owner: true, item: true, date: true, count: true, scaleValue: true, notes: true, version: true },
  pageInfo: { hasNextPage: true, hasPreviousPage: true },
  totalCount: true,
}

async function itemOfDay({ ownerId, itemId }: EntryPlace, _: object, { loaders }: Context) {
  return found(await loaders.deedItem.load({ ownerId, itemId }))
}

function scaleValue(
  { ownerId, scaleValueId }: Pick<EntryValueRow, 'ownerId' | 'scaleValueId'>,
  _: object,
  { loaders }: Context,
) {
  if (scaleValueId === null) return null
  return (
    loaders.scaleValuesOfOwner.peek(ownerId)?.get(scaleValueId) ?? loaders.scaleValue.load({ ownerId, scaleValueId })
  )
}

/** One's own rows need no declaration, so they share the settings of the group. */
function reading(ownerId: string, db: Context['db'], viewer: Context['viewer']) {
  return ownerId === viewer?.userId ? db : db.reading([ownerId])
}

/** Reads, in the flight of the entries, what the document shows of their items, deeds and values: no row waits for it then. */
async function readBeside(ownerId: string, loaders: Context['loaders'], info: Selected): Promise<void> {
  const shows = (path: string) => asksFor(info, `nodes.${path}`) || asksFor(info, `edges.node.${path}`)
  await Promise.all([
    shows('item') && loaders.itemsOfOwner.load(ownerId),
    shows('item.deed') && loaders.deedsById.load(ownerId),
    shows('scaleValue') && loaders.scaleValuesOfOwner.load(ownerId),
  ])
}
