import { addDays } from '../../platform/civil-dates.ts'
import { dayCount, elapsedDays } from '../entries/rules/ranges.ts'

/** What the entries of a deed, an item, or an item with those below it come to. Amounts are exact decimal text; null: nothing was recorded. */
export interface StatisticsModel {
  ownerId: string
  /** `YYYY-MM-DD`, as `to`. */
  from: string
  to: string
  entryCount: number
  recordedDays: number
  missingDays: number
  countTotal: string | null
  averagePerRecordedDay: string | null
  averagePerDay: string | null
  averageScore: string | null
  minimum: string | null
  maximum: string | null
  distribution: ValueShareModel[]
}

/** How often one value of one version of a scale was recorded; `share` of all entries on scales, 0..1. */
export interface ValueShareModel {
  ownerId: string
  scaleValueId: string
  entryCount: number
  share: string
}

/** STR-1 Days that succeeded, none of which a run of the category may lose; `length` counts them. */
export interface StreakRunModel {
  length: number
  /** The first of them, and the last: `YYYY-MM-DD`. */
  from: string
  to: string
}

/** STR-1 As of the owner's civil date `asOf`. */
export interface StreakModel {
  asOf: string
  /** Null: the last run has ended, or there never was one. */
  current: StreakRunModel | null
  /** The latest of the longest; null: there never was one. */
  longest: StreakRunModel | null
}

/** A range of an owner's civil days, both in, and that owner's civil date. */
export interface Days {
  from: string
  to: string
  today: string
}

/** How many days of a range are over or under way, and how many are over. */
export function daysSoFar(days: Days): { elapsed: number; over: number } {
  const yesterday = addDays(days.today, -1)
  const over = dayCount({ from: days.from, to: days.to < yesterday ? days.to : yesterday })
  return { elapsed: elapsedDays(days), over: Math.max(0, over) }
}
