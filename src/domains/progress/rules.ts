import Big from 'big.js'
import { addDays, daysBetween } from '../../platform/civil-dates.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import type { GoalItemRow, GoalRow } from './queries/goals.ts'

export type GoalState = 'UPCOMING' | 'PENDING' | 'ON_TRACK' | 'MET' | 'FAILED' | 'SUSPENDED'
export type Comparator = 'at_least' | 'at_most'
export type Match = 'and' | 'or'

/** Civil days, both in, as `YYYY-MM-DD`. */
export interface GoalWindow {
  startDate: string
  endDate: string
}

/** What an item of a goal asks for, and what the entries up to the day of judgement come to (GOAL-2). */
export interface MeasuredItem {
  goalItemId: string
  comparator: Comparator
  /** Exact decimal text, as `value`. */
  target: string
  value: string
  /** The first day, in order of dates, on which the running value reaches the target; null while it does not. */
  reachedOn: string | null
  /** Whether the deed item, or one above it, is deleted. */
  isDeleted: boolean
  matchingValueIds?: readonly string[] | null
}

/** A goal as of a day, with what each of its items came to. */
export interface GoalProgress {
  goal: GoalRow
  asOf: string
  state: GoalState
  ratio: number
  daysLeft: number
  items: GoalItemProgress[]
}

export interface GoalItemProgress extends ItemVerdict {
  goal: GoalRow
  goalItem: GoalItemRow
  asOf: string
  value: string
  /** The values of the scale that count; null where nothing is matched on a scale. */
  matchingValueIds: readonly string[] | null
}

export interface ItemVerdict {
  state: GoalState
  /** 0..1, exactly 1 when MET. */
  ratio: number
  remaining: string
}

export interface GoalVerdict {
  state: GoalState
  ratio: number
  /** The day that first reached it, when MET. */
  completedOn: string | null
}

/** How many days a window has, both ends in. */
export function windowDays({ startDate, endDate }: GoalWindow): number {
  return daysBetween(startDate, endDate) + 1
}

/** Days of the window that are left, the day of judgement among them; 0 when it is over. */
export function daysLeft(window: GoalWindow, asOf: string): number {
  const from = asOf < window.startDate ? window.startDate : asOf
  return Math.max(0, daysBetween(from, window.endDate) + 1)
}

/**
 * GOAL-3 One item as of a day. At least: min(1, value / target); at most: the share of the window's days that are over, 0
 * once exceeded. So the ratio is 1 exactly when MET.
 */
export function judgeItem(item: MeasuredItem, window: GoalWindow, asOf: string): ItemVerdict {
  const value = new Big(item.value)
  const left = new Big(item.target).minus(value)
  const remaining = left.gt(0) ? left.toFixed() : '0'
  if (asOf < window.startDate) return { state: 'UPCOMING', ratio: 0, remaining }
  if (item.isDeleted) return { state: 'SUSPENDED', ratio: 0, remaining }
  const isOver = asOf > window.endDate
  if (item.comparator === 'at_least') {
    if (left.lte(0)) return { state: 'MET', ratio: 1, remaining }
    const ratio = Math.min(value.div(item.target).toNumber(), 1 - Number.EPSILON)
    return { state: isOver ? 'FAILED' : 'PENDING', ratio, remaining }
  }
  if (left.lt(0)) return { state: 'FAILED', ratio: 0, remaining }
  if (isOver) return { state: 'MET', ratio: 1, remaining }
  return { state: 'ON_TRACK', ratio: daysBetween(window.startDate, asOf) / windowDays(window), remaining }
}

/** GOAL-4 A goal from its items: AND takes all of them, OR any; a deleted item suspends an AND and is left out of an OR. */
export function judgeGoal(match: Match, items: readonly MeasuredItem[], window: GoalWindow, asOf: string): GoalVerdict {
  const open = (state: GoalState, ratio = 0) => ({ state, ratio, completedOn: null })
  if (asOf < window.startDate) return open('UPCOMING')
  if (match === 'and' && items.some((item) => item.isDeleted)) return open('SUSPENDED')
  const counted = items.filter((item) => !item.isDeleted)
  if (counted.length === 0) return open(asOf > window.endDate ? 'FAILED' : 'PENDING')
  const verdicts = counted.map((item) => ({ item, ...judgeItem(item, window, asOf) }))
  const state = match === 'and' ? stateOfAll(verdicts) : stateOfAny(verdicts)
  const ratios = verdicts.map(({ ratio }) => ratio)
  const ratio = match === 'and' ? mean(ratios) : Math.max(...ratios)
  if (state !== 'MET') return open(state, ratio)
  const days = verdicts.filter((verdict) => verdict.state === 'MET').map(({ item }) => metOn(item, window))
  const completedOn = match === 'and' ? days.reduce(later) : days.reduce(earlier)
  return { state, ratio: 1, completedOn }
}

type Judged = { state: GoalState }

function stateOfAll(verdicts: readonly Judged[]): GoalState {
  const has = (state: GoalState) => verdicts.some((verdict) => verdict.state === state)
  if (has('FAILED')) return 'FAILED'
  if (verdicts.every(({ state }) => state === 'MET')) return 'MET'
  return has('PENDING') ? 'PENDING' : 'ON_TRACK'
}

function stateOfAny(verdicts: readonly Judged[]): GoalState {
  if (verdicts.some(({ state }) => state === 'MET')) return 'MET'
  return verdicts.every(({ state }) => state === 'FAILED') ? 'FAILED' : 'PENDING'
}

/** A limit is kept on the window's last day, not before. */
function metOn({ comparator, reachedOn }: MeasuredItem, window: GoalWindow): string {
  return comparator === 'at_most' ? window.endDate : (reachedOn ?? window.endDate)
}

const later = (a: string, b: string) => (a > b ? a : b)
const earlier = (a: string, b: string) => (a < b ? a : b)
const mean = (ratios: readonly number[]) => ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length

/** GOAL-1 */
export const longestWindow = 3660
const firstStart = '1900-01-01'
const lastDate = '9999-12-31'

/** GOAL-1 The window: `end = start + duration - 1`; either end or duration, or both when they agree. */
export function checkedWindow(
  startDate: string,
  { endDate, durationDays }: { endDate?: string | null | undefined; durationDays?: number | null | undefined },
): GoalWindow {
  if (startDate < firstStart) {
    throw badUserInput(`A goal begins on ${firstStart} at the earliest.`, {
      reason: 'INVALID_GOAL',
      field: 'input.startDate',
    })
  }
  const byDuration = durationDays == null ? null : endBy(startDate, durationDays)
  const end = endDate ?? byDuration
  if (end === null) {
    throw badUserInput('Give endDate, or durationDays.', { reason: 'INVALID_GOAL', field: 'input.endDate' })
  }
  if (byDuration !== null && byDuration !== end) {
    throw badUserInput(
      `From ${startDate}, ${durationDays} days end on ${byDuration}, not on ${end}: leave one of the two out.`,
      {
        reason: 'INVALID_GOAL',
        field: 'input.durationDays',
      },
    )
  }
  const days = windowDays({ startDate, endDate: end })
  if (days < 1) {
    throw badUserInput('A goal can not end before it begins.', { reason: 'INVALID_GOAL', field: 'input.endDate' })
  }
  if (days > longestWindow) {
    throw badUserInput(`A goal lasts at most ${longestWindow} days: until ${lastDay(startDate, longestWindow)}.`, {
      reason: 'INVALID_GOAL',
      field: 'input.endDate',
    })
  }
  return { startDate, endDate: end }
}

function endBy(startDate: string, durationDays: number): string {
  const most = Math.min(longestWindow, windowDays({ startDate, endDate: lastDate }))
  if (durationDays < 1 || durationDays > most) {
    throw badUserInput(`A goal lasts 1 to ${most} days.`, { reason: 'INVALID_GOAL', field: 'input.durationDays' })
  }
  return lastDay(startDate, durationDays)
}

function lastDay(startDate: string, days: number): string {
  return addDays(startDate, days - 1)
}

/** GOAL-7 A goal as if `asOf` were today, from its items and what they were measured to be up to that day. */
export function progressOf(
  goal: GoalRow,
  goalItems: readonly GoalItemRow[],
  measured: readonly MeasuredItem[],
  asOf: string,
): GoalProgress {
  const byId = new Map(measured.map((item) => [item.goalItemId, item]))
  const items = goalItems.flatMap((goalItem) => {
    const item = byId.get(goalItem.goalItemId)
    if (!item) return []
    const { value, matchingValueIds = null } = item
    return [{ goal, goalItem, asOf, value, matchingValueIds, ...judgeItem(item, goal, asOf) }]
  })
  const { state, ratio } = judgeGoal(goal.match, measured, goal, asOf)
  return { goal, asOf, state, ratio, daysLeft: daysLeft(goal, asOf), items }
}
