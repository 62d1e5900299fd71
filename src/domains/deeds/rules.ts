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
  /** From the highest item down to this one, which is the last. */
  pathTo(itemId: string): Item[]
}
