// GOAL-1 to GOAL-4, GOAL-6 and GOAL-7 as their text says them, for the few rows of a test: day by day and entry by entry, with nothing of src/.

export interface ModelItem {
  id: string
  parentId: string | null
  isDeleted: boolean
}
export interface ModelEntry {
  itemId: string
  date: string
  /** In thousandths. */
  count: number | null
  valueId: string | null
}
export interface ModelValue {
  id: string
  scaleId: string
  order: number
  normalizedScore: number
  lineage: string
}
export interface ModelAsked {
  itemId: string
  includesDescendants: boolean
  metric: 'COUNT_SUM' | 'SCALE_MATCH' | 'DAYS_RECORDED'
  comparator: 'AT_LEAST' | 'AT_MOST'
  valueId: string | null
  scaleMatch: 'EXACT' | 'AT_OR_ABOVE' | null
  target: number
}
export interface ModelGoal {
  match: 'AND' | 'OR'
  startDate: string
  endDate: string
  items: readonly ModelAsked[]
}
export interface ModelDiary {
  items: readonly ModelItem[]
  /** What is recorded; cleared days are not in it. */
  entries: readonly ModelEntry[]
  values: readonly ModelValue[]
  /** The days of any window, in order. */
  days: readonly string[]
}

const itemOf = (diary: ModelDiary, id: string | null) => diary.items.find((item) => item.id === id)

/** The item itself, or with `includesDescendants` one above it; all of them live. */
function isWithin(diary: ModelDiary, id: string | null, { itemId, includesDescendants }: ModelAsked): boolean {
  const item = itemOf(diary, id)
  if (!item || item.isDeleted) return false
  return (
    item.id === itemId ||
    (includesDescendants && isWithin(diary, item.parentId, { itemId, includesDescendants } as ModelAsked))
  )
}

/** GOAL-1 The same lineage; or its place in its own version, and where the wanted one does not go on there, its score. */
function matches(diary: ModelDiary, valueId: string | null, asked: ModelAsked): boolean {
  const value = diary.values.find(({ id }) => id === valueId)
  const wanted = diary.values.find(({ id }) => id === asked.valueId)
  if (!value || !wanted) return false
  if (asked.scaleMatch === 'EXACT') return value.lineage === wanted.lineage
  const there = diary.values.find(({ scaleId, lineage }) => scaleId === value.scaleId && lineage === wanted.lineage)
  return there ? value.order >= there.order : value.normalizedScore >= wanted.normalizedScore
}

/** The entries that count for an item up to a day, both it and the window's ends in. */
export function contributing(diary: ModelDiary, goal: ModelGoal, asked: ModelAsked, asOf: string): ModelEntry[] {
  return diary.entries.filter(
    (entry) =>
      entry.date >= goal.startDate &&
      entry.date <= goal.endDate &&
      entry.date <= asOf &&
      isWithin(diary, entry.itemId, asked) &&
      (asked.metric !== 'SCALE_MATCH' || matches(diary, entry.valueId, asked)),
  )
}

/** GOAL-2 */
function amountOf(diary: ModelDiary, goal: ModelGoal, asked: ModelAsked, asOf: string): number {
  const entries = contributing(diary, goal, asked, asOf)
  if (asked.metric === 'DAYS_RECORDED') return new Set(entries.map(({ date }) => date)).size
  if (asked.metric === 'SCALE_MATCH') return entries.length
  return entries.reduce((sum, { count }) => sum + (count ?? 0), 0) / 1000
}

export interface Standing {
  state: string
  ratio: number
}

/** GOAL-3 */
function itemStanding(
  diary: ModelDiary,
  goal: ModelGoal,
  asked: ModelAsked,
  asOf: string,
): Standing & { value: number } {
  const value = amountOf(diary, goal, asked, asOf)
  const standing = (state: string, ratio: number) => ({ state, ratio, value })
  if (asOf < goal.startDate) return standing('UPCOMING', 0)
  if (itemOf(diary, asked.itemId)?.isDeleted) return standing('SUSPENDED', 0)
  const over = asOf > goal.endDate
  if (asked.comparator === 'AT_LEAST') {
    if (value >= asked.target) return standing('MET', 1)
    return standing(over ? 'FAILED' : 'PENDING', value / asked.target)
  }
  if (value > asked.target) return standing('FAILED', 0)
  const window = diary.days.filter((day) => day >= goal.startDate && day <= goal.endDate)
  const past = window.filter((day) => day < asOf)
  return standing(over ? 'MET' : 'ON_TRACK', past.length / window.length)
}

/** GOAL-3, GOAL-4, GOAL-7 A goal and its items as if `asOf` were today. */
export function standingOf(diary: ModelDiary, goal: ModelGoal, asOf: string) {
  const items = goal.items.map((asked) => itemStanding(diary, goal, asked, asOf))
  return { ...goalStanding(goal, items, asOf), items }
}

function goalStanding(goal: ModelGoal, items: readonly Standing[], asOf: string): Standing {
  if (asOf < goal.startDate) return { state: 'UPCOMING', ratio: 0 }
  const isSuspended = ({ state }: Standing) => state === 'SUSPENDED'
  if (goal.match === 'AND' && items.some(isSuspended)) return { state: 'SUSPENDED', ratio: 0 }
  const left = items.filter((item) => !isSuspended(item))
  if (left.length === 0) return { state: asOf > goal.endDate ? 'FAILED' : 'PENDING', ratio: 0 }
  const any = (wanted: string) => left.some(({ state }) => state === wanted)
  const all = (wanted: string) => left.every(({ state }) => state === wanted)
  const ratios = left.map(({ ratio }) => ratio)
  if (goal.match === 'OR') {
    return { state: any('MET') ? 'MET' : all('FAILED') ? 'FAILED' : 'PENDING', ratio: Math.max(...ratios) }
  }
  const state = any('FAILED') ? 'FAILED' : all('MET') ? 'MET' : any('PENDING') ? 'PENDING' : 'ON_TRACK'
  return { state, ratio: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length }
}

/** GOAL-6 The first day, in order of dates, at whose end it would have been met; a limit is kept at the end of the last. */
export function completionOf(diary: ModelDiary, goal: ModelGoal, today: string): string | null {
  if (standingOf(diary, goal, today).state !== 'MET') return null
  for (const day of diary.days) {
    if (day < goal.startDate || day > goal.endDate) continue
    const states = goal.items.map((asked) => {
      if (asked.comparator === 'AT_LEAST') return itemStanding(diary, goal, asked, day).state
      const kept = day === goal.endDate && itemStanding(diary, goal, asked, today).state === 'MET'
      return kept ? 'MET' : 'ON_TRACK'
    })
    if (
      goalStanding(
        goal,
        states.map((state) => ({ state, ratio: 0 })),
        day,
      ).state === 'MET'
    )
      return day
  }
  return null
}
