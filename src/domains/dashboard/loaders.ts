import DataLoader from 'dataloader'
import type { UserId } from '../../platform/database/types.ts'
import type { ViewerDatabase } from '../../platform/database/viewer-database.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { growTree } from '../deeds/rules.ts'
import { dayCount } from '../entries/rules/ranges.ts'
import { type AskedDays, type OwnersDays, recordedPoints, type StatisticsRow, statisticsRows } from './queries.ts'
import type {
  CalendarUnit,
  Category,
  DashboardModel,
  DashboardStatistics,
  ItemStatisticsModel,
  RecordedPoint,
  SeriesGroup,
} from './rules.ts'

/** Longer ranges take the connections on which nobody waits behind a slow statement. */
const longestPipelinedRange = 400

export interface SeriesKey {
  dashboard: DashboardModel
  by: SeriesGroup
  every: CalendarUnit
}

/** One statement per dashboard, whichever of its fields are asked for, and one per kind of series. */
export function dashboardLoaders(db: ViewerDatabase, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  const reading = (dashboard: OwnersDays) => {
    const reader = db.reading(dashboard.ownerId === viewerId ? [] : [dashboard.ownerId])
    return dayCount(dashboard) > longestPipelinedRange ? reader.long : reader
  }
  return {
    dashboardStatistics: perKey(async (days: AskedDays) =>
      statisticsFrom(await statisticsRows(reading(days), viewerId, days), days.ownerId),
    ),
    recordedPoints: perKey(
      ({ dashboard, by, every }: SeriesKey): Promise<RecordedPoint[]> =>
        recordedPoints(reading(dashboard), viewerId, { ...dashboard, by, every }),
    ),
  }
}

/** Each key is a statement of its own: a request has one dashboard, or two with the days before. */
function perKey<Key extends object, Value>(read: (key: Key) => Promise<Value>) {
  return new DataLoader<Key, Value, string>((keys) => Promise.all(keys.map(read)), {
    cacheKeyFn: (key) => JSON.stringify(key),
  })
}

function statisticsFrom(rows: readonly StatisticsRow[], ownerId: UserId): DashboardStatistics {
  const totals = rows.flatMap((row) =>
    row.level === 'category' && row.category ? [{ ...row, category: row.category }] : [],
  )
  const deeds = rows.flatMap((row) =>
    row.level === 'deed' && row.category && row.deedId
      ? [{ ...row, ownerId, category: row.category, deedId: row.deedId }]
      : [],
  )
  const itemsOfDeed = Map.groupBy(
    rows.flatMap((row) => placedItem(row, ownerId)),
    ({ deedId }) => deedId,
  )
  const items = deeds.flatMap(({ deedId }) => growTree(itemsOfDeed.get(deedId) ?? []).items)
  return { asOf: rows[0]?.asOf ?? '', totals, deeds, items }
}

type PlacedItem = ItemStatisticsModel & { parentId: string | null; level: number; displayOrder: number }

function placedItem(row: StatisticsRow, ownerId: UserId): PlacedItem[] {
  if (row.level !== 'item' || !row.category || !row.deedId || !row.itemId) return []
  const category: Category = row.category
  const place = { level: row.itemLevel ?? 1, displayOrder: row.displayOrder ?? 0 }
  return [{ ...row, ...place, ownerId, category, deedId: row.deedId, itemId: row.itemId }]
}
