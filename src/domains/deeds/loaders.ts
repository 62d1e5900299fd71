import { manyPerKey, onePerKey, ownersOf, perOwner } from '../../platform/database/batching.ts'
import type { UserId } from '../../platform/database/types.ts'
import type { ViewerDatabase } from '../../platform/database/viewer-database.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { type DeletionKey, deletionsByKeys } from './queries/deletions.ts'
import { itemsOfOwner, scaleValuesOfOwner } from './queries/of-owner.ts'
import {
  type DeedItemRow,
  type DeedKey,
  type DeedRow,
  deedsByKeys,
  type ItemKey,
  itemsAround,
  itemsByKeys,
  itemsOfDeeds,
  type ScaleKey,
  type ScaleOnDayKey,
  type ScaleValueKey,
  type ScaleValueRow,
  scalesByKeys,
  scalesOfDeeds,
  scalesOnDays,
  scaleValuesByKeys,
  valuesOfScales,
  visibleDeedsOfOwners,
} from './queries.ts'
import { deedsAsSeen, growTree, type ItemTree, itemsAsSeen } from './rules.ts'

/**
 * Rows as the viewer sees them (SHA-6): of somebody else's deeds and items what is not shared leaves no trace, not in
 * levels, places or parents either. That takes all of theirs that is visible, so those are read by deed and by owner.
 */
export function deedLoaders(db: ViewerDatabase, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  const readers = readersFor(db, viewerId)
  const ahead = readersAhead(db, viewerId)
  return {
    deed: onePerKey(readers.deeds, deedKey),
    /** Hidden ones too, category by category in display order. */
    deedsOfOwner: manyPerKey(readers.deedsOfOwners, ({ ownerId }: DeedRow): UserId => ownerId),
    deedItem: onePerKey(readers.items, ({ ownerId, itemId }: DeedItemRow): ItemKey => ({ ownerId, itemId })),
    /** The item without its place: of somebody else's that is known only by what is around it, and is left out. */
    placelessItem: onePerKey(
      readers.placelessItems,
      ({ ownerId, itemId }: PlacelessItem): ItemKey => ({ ownerId, itemId }),
    ),
    /** The items of a deed that the viewer may see, as a tree: one read of the deed, whatever is asked of it. Null: no items. */
    itemTree: onePerKey(readers.trees, ({ ownerId, deedId }: TreeOfDeed): DeedKey => ({ ownerId, deedId })),
    scale: onePerKey(readers.scales, scaleKey),
    /** Every version, the first one first. */
    scalesOfDeed: manyPerKey(readers.scalesOfDeeds, deedKey),
    /** SCA-1 The version in effect on a day; `on: null` is the owner's today. */
    scaleOnDay: onePerKey(readers.scalesOnDays, (scale): ScaleOnDayKey => ({ ...deedKey(scale), on: scale.on })),
    scaleValue: onePerKey(
      readers.scaleValues,
      ({ ownerId, scaleValueId }): ScaleValueKey => ({ ownerId, scaleValueId }),
    ),
    /** What the viewer deleted, and can restore. */
    deletion: onePerKey(readers.deletions, ({ ownerId, deletionId }): DeletionKey => ({ ownerId, deletionId })),
    /** All of an owner's at once, for answers that show many of them; none where they are more than may be read ahead. */
    itemsOfOwner: perOwner(ahead.itemsOfOwner),
    deedsById: perOwner(async (ownerId) => {
      const deeds = await readers.deedsOfOwners([ownerId])
      return new Map(deeds.map((deed) => [deed.deedId, deed]))
    }),
    scaleValuesOfOwner: perOwner(ahead.scaleValuesOfOwner),
    /** The lowest first. */
    valuesOfScale: manyPerKey(readers.valuesOfScales, scaleKey),
  }
}

const deedKey = ({ ownerId, deedId }: DeedKey): DeedKey => ({ ownerId, deedId })
const scaleKey = ({ ownerId, scaleId }: ScaleKey): ScaleKey => ({ ownerId, scaleId })

/** So many rows at most are read ahead. */
const mostAhead = 300

/** The items of an owner that the viewer may see, each by its id, and the trees that they stand in by their deeds' ids. */
interface ItemsOfOwner {
  readonly items: ReadonlyMap<string, DeedItemRow>
  readonly trees: ReadonlyMap<string, TreeOfDeed>
  /** Whether these are all: else they are none. */
  readonly isWhole: boolean
}

/** As much of an item as does not depend on what else of its deed is shared. */
export type PlacelessItem = Omit<DeedItemRow, 'parentId' | 'level' | 'displayOrder' | 'tree'>

export interface TreeOfDeed extends ItemTree<DeedItemRow>, DeedKey {}

function readersFor(db: ViewerDatabase, viewerId: UserId) {
  const isOwn = (key: { ownerId: UserId }) => key.ownerId === viewerId
  const others = <Key extends { ownerId: UserId }>(keys: readonly Key[]) => keys.filter((key) => !isOwn(key))
  const reading = (keys: readonly { ownerId: UserId }[]) => db.reading(ownersOf(others(keys)))

  async function deedsOfOwners(ownerIds: readonly UserId[]) {
    const rows = await visibleDeedsOfOwners(reading(ownerIds.map((ownerId) => ({ ownerId }))), viewerId, ownerIds)
    return byOwner(rows).flatMap((deeds) => (deeds.every(isOwn) ? deeds : deedsAsSeen(deeds)))
  }
  async function trees(keys: readonly DeedKey[]) {
    return treesOf(await itemsOfDeeds(reading(keys), viewerId, keys), isOwn)
  }
  return {
    deedsOfOwners,
    trees,
    async deeds(keys: readonly DeedKey[]) {
      const owners = ownersOf(others(keys))
      const own = keys.filter(isOwn)
      const read = [
        own.length > 0 ? deedsByKeys(db, viewerId, own) : [],
        owners.length > 0 ? deedsOfOwners(owners) : [],
      ]
      return (await Promise.all(read)).flat()
    },
    async items(keys: readonly ItemKey[]) {
      const shared = others(keys)
      const own = keys.filter(isOwn)
      const [ownItems, around] = await Promise.all([
        own.length > 0 ? itemsByKeys(db, viewerId, own) : [],
        shared.length > 0 ? itemsAround(reading(shared), viewerId, shared) : [],
      ])
      return [...ownItems, ...treesOf(around, isOwn).flatMap((tree) => tree.items)]
    },
    async placelessItems(keys: readonly ItemKey[]): Promise<PlacelessItem[]> {
      const rows = await itemsByKeys(reading(keys), viewerId, keys)
      return rows.map(({ parentId: _, level: __, displayOrder: ___, ...item }) => item)
    },
    scales: (keys: readonly ScaleKey[]) => scalesByKeys(reading(keys), viewerId, keys),
    scalesOfDeeds: (keys: readonly DeedKey[]) => scalesOfDeeds(reading(keys), viewerId, keys),
    scalesOnDays: (keys: readonly ScaleOnDayKey[]) => scalesOnDays(reading(keys), viewerId, keys),
    scaleValues: (keys: readonly ScaleValueKey[]) => scaleValuesByKeys(reading(keys), viewerId, keys),
    deletions: (keys: readonly DeletionKey[]) => deletionsByKeys(db, keys.filter(isOwn)),
    valuesOfScales: (keys: readonly ScaleKey[]) => valuesOfScales(reading(keys), viewerId, keys),
  }
}

/** What is read of an owner at once, beside something wide. */
function readersAhead(db: ViewerDatabase, viewerId: UserId) {
  const reading = (ownerId: UserId) => db.reading(ownerId === viewerId ? [] : [ownerId])
  return {
    async itemsOfOwner(ownerId: UserId): Promise<ItemsOfOwner> {
      const rows = await itemsOfOwner(reading(ownerId), viewerId, ownerId, mostAhead + 1)
      const trees = rows.length > mostAhead ? [] : treesOf(rows, (row) => row.ownerId === viewerId)
      return {
        items: new Map(trees.flatMap((tree) => tree.items.map((item) => [item.itemId, item] as const))),
        trees: new Map(trees.map((tree) => [tree.deedId, tree])),
        isWhole: rows.length <= mostAhead,
      }
    },
    async scaleValuesOfOwner(ownerId: UserId): Promise<ReadonlyMap<string, ScaleValueRow>> {
      const rows = await scaleValuesOfOwner(reading(ownerId), viewerId, ownerId, mostAhead)
      return new Map(rows.map((value) => [value.scaleValueId, value]))
    },
  }
}

function byOwner<Row extends { ownerId: UserId }>(rows: readonly Row[]): Row[][] {
  return [...Map.groupBy(rows, (row) => row.ownerId).values()]
}

/** The trees of the deeds that these items, level by level, belong to. Each item knows its tree. */
function treesOf(rows: readonly DeedItemRow[], isOwn: (row: DeedItemRow) => boolean): TreeOfDeed[] {
  return [...Map.groupBy(rows, (row) => `${row.ownerId}:${row.deedId}`).values()].flatMap((items) => {
    const [first] = items
    if (!first) return []
    const tree = growTree(isOwn(first) ? items : itemsAsSeen(items))
    for (const item of tree.items) item.tree = tree
    return [{ ...tree, ...deedKey(first) }]
  })
}
