import { onePerKey, ownersOf, perOwner } from '../../platform/database/batching.ts'
import type { ViewerDatabase } from '../../platform/database/viewer-database.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import type { ChangeKey } from './queries/changes.ts'
import { changesByKeys } from './queries/changes.ts'
import type { DayKey, ItemKey } from './queries.ts'
import { entriesOnDays, latestEntries, latestEntriesOfOwner } from './queries.ts'

export function entryLoaders(db: ViewerDatabase, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  const reading = (keys: readonly { readonly ownerId: string }[]) =>
    db.reading(ownersOf(keys.filter(({ ownerId }) => ownerId !== viewerId)))
  return {
    /** What is recorded for an item on a day (null: the owner's today). */
    entryOnDay: onePerKey(
      (keys: readonly DayKey[]) => entriesOnDays(reading(keys), viewerId, keys),
      ({ ownerId, itemId, askedDate }): DayKey => ({ ownerId, itemId, date: askedDate }),
    ),
    latestEntry: onePerKey(
      (keys: readonly ItemKey[]) => latestEntries(reading(keys), viewerId, keys),
      ({ ownerId, itemId }): ItemKey => ({ ownerId, itemId }),
    ),
    /** By their items' ids, for answers that show many of them; null where nothing is recorded. */
    latestEntriesOfOwner: perOwner((ownerId) =>
      latestEntriesOfOwner(reading([{ ownerId }]), viewerId, ownerId, mostAhead),
    ),
    entryChange: onePerKey(
      (keys: readonly ChangeKey[]) => changesByKeys(reading(keys), viewerId, keys),
      ({ ownerId, changeId }): ChangeKey => ({ ownerId, changeId }),
    ),
  }
}

/** So many items at most are looked at ahead. */
const mostAhead = 300
