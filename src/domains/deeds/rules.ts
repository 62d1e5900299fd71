import { badUserInput } from '../../platform/graphql/errors.ts'

/** As much of an item as says where it stands. */
export interface Placed {
  itemId: string
  /** Null at the top. */
  parentId: string | null
  /** Depth from 1. */
  level: number
  /** Place among its siblings. */
  displayOrder: number
}

/** The items of one deed that a viewer may see. */
export interface ItemTree<Item> {
  /** The highest ones, in display order. */
  roots: Item[]
  /** All of them, each parent before its children, siblings in display order. */
  items: Item[]
  byId: ReadonlyMap<string, Item>
  childrenOf(itemId: string): Item[]
  /** From the highest item down to this one, which is the last; empty when it is not in the tree. */
  pathTo(itemId: string): Item[]
}

/** The tree of one deed's items, given level by level in display order. What lies below nothing known is a root. */
export function growTree<Item extends Placed>(items: readonly Item[]): ItemTree<Item> {
  const byId = new Map(items.map((item) => [item.itemId, item]))
  const children = new Map<string, Item[]>(items.map((item) => [item.itemId, []]))
  const roots: Item[] = []
  for (const item of items) (children.get(item.parentId ?? '') ?? roots).push(item)
  const childrenOf = (itemId: string) => children.get(itemId) ?? []
  return { roots, items: depthFirst(roots, childrenOf), byId, childrenOf, pathTo: (itemId) => pathTo(byId, itemId) }
}

function depthFirst<Item extends Placed>(roots: readonly Item[], childrenOf: (itemId: string) => Item[]): Item[] {
  const items: Item[] = []
  const waiting = roots.toReversed()
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    items.push(item)
    waiting.push(...childrenOf(item.itemId).toReversed())
  }
  return items
}

function pathTo<Item extends Placed>(byId: ReadonlyMap<string, Item>, itemId: string): Item[] {
  const path: Item[] = []
  for (let item = byId.get(itemId); item; item = byId.get(item.parentId ?? '')) path.unshift(item)
  return path
}

/**
 * SHA-6, SHA-8 Items of somebody else's deed as if nothing but them had ever been: parent, level and place among siblings
 * begin at the highest one visible. Given and answered level by level in display order.
 */
export function itemsAsSeen<Item extends Placed>(items: readonly Item[]): Item[] {
  const seen = new Map<string, Item>()
  const siblings = new Map<string | null, number>()
  for (const item of items) {
    const parent = seen.get(item.parentId ?? '')
    const parentId = parent?.itemId ?? null
    const displayOrder = siblings.get(parentId) ?? 0
    siblings.set(parentId, displayOrder + 1)
    seen.set(item.itemId, { ...item, parentId, level: (parent?.level ?? 0) + 1, displayOrder })
  }
  return [...seen.values()]
}

/** SHA-8 Somebody else's deeds, in display order, with their places among those of their category that are visible. */
export function deedsAsSeen<Deed extends { category: string; displayOrder: number }>(deeds: readonly Deed[]): Deed[] {
  const places = new Map<string, number>()
  return deeds.map((deed) => {
    const displayOrder = places.get(deed.category) ?? 0
    places.set(deed.category, displayOrder + 1)
    return { ...deed, displayOrder }
  })
}

/** How many levels lie below an item. */
export function heightBelow<Item extends Placed>(tree: ItemTree<Item>, itemId: string): number {
  const heights = tree.childrenOf(itemId).map((child) => 1 + heightBelow(tree, child.itemId))
  return Math.max(0, ...heights)
}

/** An item and all below it. */
export function subtreeOf<Item extends Placed>(tree: ItemTree<Item>, itemId: string): string[] {
  return [itemId, ...tree.childrenOf(itemId).flatMap((child) => subtreeOf(tree, child.itemId))]
}

/** The order with one id at its new place, from 0; without a place, or beyond the end, it is the last. */
export function withPlace(ids: readonly string[], id: string, place: number | null): string[] {
  const others = ids.filter((other) => other !== id)
  return others.toSpliced(place ?? others.length, 0, id)
}

/** BAD_USER_INPUT unless it is left out, or counts from 0. */
export function checkPosition(position: number | null | undefined): void {
  if (position == null || position >= 0) return
  throw badUserInput('A position counts from 0.', { reason: 'OUT_OF_RANGE', field: 'input.position' })
}
