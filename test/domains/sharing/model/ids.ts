// Global ids of the model's rows, and what of them is there.
import { toGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import type { EntryRow, RelationRow, Rows } from './rows.ts'
import type { SeenItem } from './seen.ts'

export const ids = {
  user: (userId: string) => toGlobalId('User', { userId }),
  deed: ({ owner, id }: { owner: string; id: string }) => toGlobalId('Deed', { ownerId: owner, deedId: id }),
  item: ({ owner, id }: { owner: string; id: string }) => toGlobalId('DeedItem', { ownerId: owner, itemId: id }),
  scale: ({ owner, id }: { owner: string; id: string }) => toGlobalId('Scale', { ownerId: owner, scaleId: id }),
  value: ({ owner, id }: { owner: string; id: string }) =>
    toGlobalId('ScaleValue', { ownerId: owner, scaleValueId: id }),
  entry: ({ owner, item, date }: { owner: string; item: string; date: string }) =>
    toGlobalId('Entry', { ownerId: owner, itemId: item, date }),
  /** Each of the two has a side of their own: the one who asked their request. */
  relation: ({ owner, requester, id, request }: RelationRow, viewer: string) =>
    viewer === owner
      ? toGlobalId('Relation', { ownerId: owner, direction: 'received', relationId: id })
      : toGlobalId('Relation', { ownerId: requester, direction: 'sent', relationId: request ?? '' }),
  change: ({ owner, id }: { owner: string; id: string }) => toGlobalId('EntryChange', { ownerId: owner, changeId: id }),
}
export const idOf = (id: string) => ({ id })
export const instant = (text: string) => text.replace(/\+00:00$/, 'Z')
const newestFirst = (a: EntryRow, b: EntryRow) => b.date.localeCompare(a.date) || Number(b.item) - Number(a.item)

export function todayOf(rows: Rows, owner: string): string {
  return rows.users.find(({ id }) => id === owner)?.today ?? ''
}

/** The recorded entries of these items, the latest first. */
export function entriesOf(rows: Rows, items: readonly SeenItem[]): EntryRow[] {
  const wanted = new Set(items.map(({ id }) => id))
  return rows.entries.filter((entry) => entry.isLive && wanted.has(entry.item)).sort(newestFirst)
}
