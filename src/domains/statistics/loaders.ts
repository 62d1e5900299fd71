import { onePerKey, ownersOf } from '../../platform/database/batching.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import type { ViewerDatabase } from '../../platform/database/viewer-database.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { dayCount } from '../entries/rules/ranges.ts'
import { type Branch, statisticsOfBranches, streaksOfBranches } from './queries.ts'
import type { Days, StatisticsModel, StreakModel } from './rules.ts'

/** Longer ranges, and streaks with all that was ever recorded, take the connections on which nobody waits behind a slow statement. */
const longestPipelinedRange = 400

export type StatisticsKey = Branch & Days
/** `today`: the owner's civil date, which a streak is as of. */
export type StreakKey = Branch & { today: string }

/** One statement for all branches of the same days, of a whole tree and its deed together, and one for all their streaks. */
export function statisticsLoaders(db: ViewerDatabase, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  const reading = (branches: readonly Branch[]) =>
    db.reading(ownersOf(branches).filter((ownerId: UserId) => ownerId !== viewerId))
  return {
    statistics: onePerKey(
      perDays<StatisticsKey, StatisticsKey & StatisticsModel>(async (keys, { from, to, today }) => {
        const reader = reading(keys)
        const db: Database = dayCount({ from, to }) > longestPipelinedRange ? reader.long : reader
        const rows = await statisticsOfBranches(db, viewerId, keys, { from, to, today })
        return rows.map((row) => ({ ...row, from, to, today }))
      }),
      (row): StatisticsKey => ({ ...branchOf(row), from: row.from, to: row.to, today: row.today }),
    ),
    streak: onePerKey(
      perDays<StreakKey, StreakKey & StreakModel>(async (keys, { today }) => {
        const rows = await streaksOfBranches(reading(keys).long, viewerId, keys, today)
        return rows.map((row) => ({ ...row, today, asOf: today }))
      }),
      (row): StreakKey => ({ ...branchOf(row), today: row.today }),
    ),
  }
}

function branchOf({ ownerId, deedId, itemId, includesDescendants }: Branch): Branch {
  return { ownerId, deedId, itemId, includesDescendants }
}

/** One call of `read` for the keys of the same days; owners in other time zones may have others. */
function perDays<Key extends Partial<Days>, Row>(read: (keys: readonly Key[], days: Key) => Promise<Row[]>) {
  return async (keys: readonly Key[]): Promise<Row[]> => {
    const groups = Map.groupBy(keys, ({ from, to, today }) => `${from} ${to} ${today}`)
    return (await Promise.all([...groups.values()].map((group) => read(group, group[0] as Key)))).flat()
  }
}
