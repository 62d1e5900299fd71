import { addDays, isoDayOfWeek } from '../../platform/civil-dates.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { dayCount } from '../entries/rules/ranges.ts'

export type Category = 'hasanaat' | 'saiyyiaat'
export type SeriesGroup = 'CATEGORY' | 'DEED' | 'ITEM'
export type CalendarUnit = 'DAY' | 'WEEK' | 'MONTH'

/** A range of an owner's civil days, both in, and what the owner's calendar says of it. */
export interface DashboardModel {
  ownerId: string
  /** `YYYY-MM-DD`, as `to` and `today`. */
  from: string
  to: string
  /** The owner's civil date as this was asked. */
  today: string
  /** ISO day on which the owner's weeks begin, 1..7. */
  weekStart: number
  /** Whether anything but categories and deeds is asked of it. */
  withItems: boolean
}

/** What the entries of a category, deed or item come to. Amounts are exact decimal text; null means nothing was recorded. */
export interface Totals {
  entryCount: number
  recordedDays: number
  countTotal: string | null
  averagePerRecordedDay: string | null
  averagePerDay: string | null
  averageScore: string | null
}
export interface CategoryTotalsModel extends Totals {
  category: Category
}
export interface DeedStatisticsModel extends Totals {
  ownerId: string
  category: Category
  deedId: string
}
export interface ItemStatisticsModel extends DeedStatisticsModel {
  itemId: string
}
export interface DashboardStatistics {
  /** When it was read, as the database writes a timestamptz. */
  asOf: string
  totals: CategoryTotalsModel[]
  deeds: DeedStatisticsModel[]
  items: ItemStatisticsModel[]
}

export interface SeriesPointModel {
  date: string
  entryCount: number
  countTotal: string | null
  averageScore: string | null
}
export interface SeriesModel {
  ownerId: string
  category: Category
  deedId: string | null
  itemId: string | null
  points: SeriesPointModel[]
}
/** One point that has entries; `key` is the category, or the id of the deed or item. */
export interface RecordedPoint extends SeriesPointModel {
  key: string
}

/** DAY-6 */
export const mostPoints = 20_000

/** The same number of days right before; null when the calendar does not reach back that far. */
export function previousRange({ from, to }: { from: string; to: string }) {
  const start = addDays(from, -dayCount({ from, to }))
  return start < firstDate ? null : { from: start, to: addDays(from, -1) }
}

const firstDate = '0001-01-01'

/** The first day of the point that a day belongs to; the first point of a range begins with the range. */
export function pointOf(
  date: string,
  every: CalendarUnit,
  { from, weekStart }: Pick<DashboardModel, 'from' | 'weekStart'>,
) {
  const start = every === 'DAY' ? date : every === 'MONTH' ? `${date.slice(0, 8)}01` : weekOf(date, weekStart)
  return start < from ? from : start
}

function weekOf(date: string, weekStart: number): string {
  return addDays(date, -((isoDayOfWeek(date) - weekStart + 7) % 7))
}

/** The first days of all points of a range, in order. */
export function pointsOf(dashboard: Pick<DashboardModel, 'from' | 'to' | 'weekStart'>, every: CalendarUnit): string[] {
  const starts = Array.from({ length: dayCount(dashboard) }, (_, day) =>
    pointOf(addDays(dashboard.from, day), every, dashboard),
  )
  return [...new Set(starts)]
}

type SeriesKey = Omit<SeriesModel, 'points'> & { key: string }

/** What a chart has a line for: each category, deed or item that the viewer may see, whether anything was recorded or not. */
export function seriesKeys(
  by: SeriesGroup,
  { totals, deeds, items }: DashboardStatistics,
  ownerId: string,
): SeriesKey[] {
  if (by === 'CATEGORY') {
    return totals.map(({ category }) => ({ key: category, ownerId, category, deedId: null, itemId: null }))
  }
  if (by === 'DEED') {
    return deeds.map(({ category, deedId }) => ({ key: deedId, ownerId, category, deedId, itemId: null }))
  }
  return items.map(({ category, deedId, itemId }) => ({ key: itemId, ownerId, category, deedId, itemId }))
}

/** DAY-6 At most 20,000 points in an answer, else BAD_USER_INPUT with the widest range that fits. */
export function checkPoints(dashboard: DashboardModel, every: CalendarUnit, seriesCount: number): void {
  const points = pointsOf(dashboard, every)
  if (points.length * seriesCount <= mostPoints) return
  const firstLeftOut = points[Math.floor(mostPoints / seriesCount)]
  const widest = firstLeftOut === undefined ? dashboard.to : addDays(firstLeftOut, -1)
  throw badUserInput(
    `${seriesCount} series of ${points.length} points are more than ${mostPoints} points; from ${dashboard.from} the widest ` +
      `range that fits ends on ${widest}. Or choose longer points or fewer series.`,
    { reason: 'RANGE_TOO_WIDE', field: 'range' },
  )
}

/** DASH-1 One point per unit of the calendar; where nothing was recorded its amounts are null, not 0. */
export function fillSeries(
  keys: readonly SeriesKey[],
  recorded: readonly RecordedPoint[],
  dates: readonly string[],
): SeriesModel[] {
  const byKey = new Map<string, Map<string, SeriesPointModel>>()
  for (const { key, ...point } of recorded) {
    const points = byKey.get(key) ?? new Map<string, SeriesPointModel>()
    byKey.set(key, points.set(point.date, point))
  }
  return keys.map(({ key, ...series }) => ({
    ...series,
    points: dates.map(
      (date) => byKey.get(key)?.get(date) ?? { date, entryCount: 0, countTotal: null, averageScore: null },
    ),
  }))
}
