// SHA-4 and SHA-6 word for word, recursive and slow: what a viewer sees of an owner, from the tables' rows.
import type { DeedRow, ItemRow, Rows } from './rows.ts'

export interface SeenItem extends Omit<ItemRow, 'parent'> {
  /** As the viewer sees them. */
  parent: SeenItem | null
  children: SeenItem[]
  depth: number
  place: number
  mayRecord: boolean
  notes: boolean
}
export interface SeenDeed extends DeedRow {
  /** The highest items, in order. */
  tops: SeenItem[]
  /** Each before those below it. */
  items: SeenItem[]
}
export interface Seen {
  viewer: string
  owner: string
  /** Whether they see each other at all. */
  isConnected: boolean
  deeds: SeenDeed[]
  items: SeenItem[]
}

interface Access {
  mayRecord: boolean
  notes: boolean
}

/** SHA-4 Every permission in force, followed down from its item as far as nothing is private. */
export function accessOf(rows: Rows, viewer: string, owner: string): Map<string, Access> {
  const access = new Map<string, Access>()
  const items = rows.items.filter((item) => item.owner === owner && item.isLive)
  for (const permission of rows.permissions) {
    if (permission.owner !== owner || permission.requester !== viewer || !permission.isInForce) continue
    const relation = rows.relations.find(({ id }) => id === permission.relation)
    if (relation?.status !== 'accepted' || !relation.isLive) continue
    const follow = (item: ItemRow) => {
      if (item.isPrivate) return
      const before = access.get(item.id)
      access.set(item.id, {
        mayRecord: (before?.mayRecord ?? false) || permission.writes,
        notes: (before?.notes ?? false) || permission.notes,
      })
      if (permission.withSubtree) for (const child of items) if (child.parent === item.id) follow(child)
    }
    for (const item of items) if (item.id === permission.item) follow(item)
  }
  return access
}

const byPlace = (a: { place: number; id: string }, b: { place: number; id: string }) =>
  a.place - b.place || Number(a.id) - Number(b.id)

export function seenBy(rows: Rows, viewer: string, owner: string): Seen {
  const access = accessOf(rows, viewer, owner)
  const isConnected = rows.relations.some(
    ({ requester, owner: requestee, status, isLive }) =>
      isLive &&
      ((status === 'accepted' && [requester, requestee].every((id) => id === viewer || id === owner)) ||
        (status === 'pending' && requestee === viewer && requester === owner)),
  )
  const shown = rows.items.filter((item) => item.owner === owner && access.has(item.id))
  const deeds = rows.deeds
    .filter((deed) => deed.isLive && shown.some((item) => item.deed === deed.id))
    .sort((a, b) => a.category.localeCompare(b.category) || byPlace(a, b))
    .map((deed) => grown(deed, shown, access))
  for (const category of ['hasanaat', 'saiyyiaat']) {
    for (const [place, deed] of deeds.filter((deed) => deed.category === category).entries()) deed.place = place
  }
  return { viewer, owner, isConnected, deeds, items: deeds.flatMap(({ items }) => items) }
}

function grown(deed: DeedRow, shown: readonly ItemRow[], access: Map<string, Access>): SeenDeed {
  const ofDeed = shown.filter((item) => item.deed === deed.id)
  const all: SeenItem[] = []
  const grow = (item: ItemRow, parent: SeenItem | null, place: number): SeenItem => {
    const { mayRecord, notes } = access.get(item.id) ?? { mayRecord: false, notes: false }
    const seen: SeenItem = { ...item, parent, place, depth: (parent?.depth ?? 0) + 1, children: [], mayRecord, notes }
    all.push(seen)
    const children = ofDeed.filter((child) => child.parent === item.id).sort(byPlace)
    seen.children = children.map((child, index) => grow(child, seen, index))
    return seen
  }
  const tops = ofDeed
    .filter((item) => !ofDeed.some(({ id }) => id === item.parent))
    .sort((a, b) => a.level - b.level || byPlace(a, b))
    .map((item, index) => grow(item, null, index))
  return { ...deed, tops, items: all }
}

/** An item and all that is seen below it. */
export const branchOf = (item: SeenItem): SeenItem[] => [item, ...item.children.flatMap(branchOf)]
