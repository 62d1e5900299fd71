import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { textProblem } from '../../platform/graphql/text.ts'
import { lockOwner } from '../deeds/queries/locks.ts'
import { recordEntries } from '../entries/recording.ts'
import type { RecordRequest } from '../entries/rules.ts'
import type { ImportPlan, PlannedHabit } from './import-plan.ts'
import {
  emptyReport,
  type HabitReport,
  type ImportReport,
  labelOf,
  type ReportedProblem,
  reportOf,
} from './import-report.ts'
import { insertDeeds, insertItems, type NewItem, ownDeeds, ownItems } from './queries/import-deeds.ts'
import { deedsMeant, keyOf, type Place, placeHabits, recordable } from './rules.ts'

export interface ImportOptions {
  /** The name of the app that the file is from, as a person knows it. */
  readonly source: string
  /** Told how much of the work is done, 0..1. */
  readonly onProgress?: ((done: number) => void) | undefined
}

/** As many as one bulk write takes (ENT-5): each batch is a few statements, well below their time-out. */
const batchSize = 500

/**
 * IMP-1 Writes what was read from an export into the viewer's own diary, in this transaction, as the API would: finds
 * habits again by their keys, makes what is missing, records the days. What can't be taken is reported; the rest goes in.
 */
export async function importPlan(
  tx: Transaction,
  viewerId: UserId,
  plan: ImportPlan,
  { source, onProgress = () => {} }: ImportOptions,
): Promise<ImportReport> {
  await lockOwner(tx, viewerId)
  // A key that can't be stored is nobody's.
  const keys = plan.habits.map(keyOf).filter((key) => textProblem(key) === null)
  const deeds = await ownDeeds(tx, viewerId)
  const items = await ownItems(tx, viewerId, { keys, deedIds: deedsMeant(plan.habits, deeds) })
  const places = placeHabits(plan.habits, { deeds, items }, source)
  const itemIds = await itemsOf(tx, viewerId, places)
  const taken = plan.habits.map((habit, index) => takenAs(habit, places[index], itemIds))
  const problems: ReportedProblem[] = [
    ...plan.problems.map((problem) => ({ ...problem, habit: null, date: null })),
    ...taken.flatMap(({ problem }) => problem ?? []),
  ]
  await recordDays(tx, viewerId, { taken, problems, onProgress })
  return reportOf(
    taken.map(({ report }) => report),
    problems,
  )
}

/** Makes the deeds and items that are missing. Answers the items of all habits that go in, by key. */
async function itemsOf(tx: Transaction, ownerId: UserId, places: readonly Place[]): Promise<Map<string, string>> {
  const newDeeds = places.flatMap((place) => (place.kind === 'newDeed' ? [place.new] : []))
  const deedIds = newDeeds.length > 0 ? await insertDeeds(tx, ownerId, newDeeds) : new Map<string, string>()
  const newItems = places.flatMap((place): NewItem[] => {
    if (place.kind === 'found' || place.kind === 'leftOut') return []
    const deedId = place.kind === 'newItem' && place.deedId !== null ? place.deedId : deedIds.get(place.deedKey)
    return deedId === undefined ? [] : [{ externalKey: place.externalKey, name: place.name, deedId }]
  })
  const made = newItems.length > 0 ? await insertItems(tx, ownerId, newItems) : new Map<string, string>()
  const found = places.flatMap((place) => (place.kind === 'found' ? [[place.externalKey, place.itemId] as const] : []))
  return new Map([...found, ...made])
}

/** A habit on its way: where its days go, and what there is to say of it so far. */
interface TakenHabit {
  readonly habit: PlannedHabit
  readonly itemId: string | null
  readonly report: HabitReport
  readonly problem?: ReportedProblem
}

const outcomes = { found: 'FOUND', newItem: 'ITEM_CREATED', newDeed: 'CREATED' } as const

function takenAs(habit: PlannedHabit, place: Place | undefined, itemIds: ReadonlyMap<string, string>): TakenHabit {
  if (place === undefined || place.kind === 'leftOut') {
    const report = emptyReport(habit, 'LEFT_OUT', null)
    report.entries.leftOut = habit.entries.length
    return { habit, itemId: null, report, problem: problemOf(habit, null, place?.reason ?? '') }
  }
  const itemId = itemIds.get(place.externalKey)
  if (itemId === undefined) throw new Error('An item was stored under another key than the one that was sent.')
  return { habit, itemId, report: emptyReport(habit, outcomes[place.kind], place.deed) }
}

function problemOf(habit: PlannedHabit, date: string | null, reason: string): ReportedProblem {
  return { file: null, line: null, habit: labelOf(habit), date, reason }
}

interface Recording {
  readonly taken: readonly TakenHabit[]
  /** Grows by what is refused. */
  readonly problems: ReportedProblem[]
  readonly onProgress: (done: number) => void
}

interface Day {
  readonly of: TakenHabit
  readonly request: RecordRequest & { readonly date: string }
}

async function recordDays(tx: Transaction, viewerId: UserId, recording: Recording): Promise<void> {
  const days = daysOf(viewerId, recording)
  for (let start = 0; start < days.length; start += batchSize) {
    const batch = days.slice(start, start + batchSize)
    const outcomes = await recordEntries(
      tx,
      viewerId,
      batch.map(({ request }) => request),
    )
    for (const [index, { of, request }] of batch.entries()) {
      const outcome = outcomes[index]
      if (outcome && 'payload' in outcome) of.report.entries[counts[outcome.payload.status]] += 1
      else leaveOut(recording, of, request.date, outcome?.refusal.message ?? '')
    }
    recording.onProgress((start + batch.length) / days.length)
  }
}

const counts = { CREATED: 'created', UPDATED: 'updated', UNCHANGED: 'unchanged' } as const

function daysOf(ownerId: UserId, recording: Recording): Day[] {
  const days: Day[] = []
  for (const of of recording.taken) {
    const { itemId, habit } = of
    if (itemId === null) continue
    for (const entry of habit.entries) {
      const values = recordable(entry)
      if (typeof values === 'string') leaveOut(recording, of, entry.date, values)
      else days.push({ of, request: { ownerId, itemId, ...values } })
    }
  }
  return days
}

function leaveOut({ problems }: Recording, { habit, report }: TakenHabit, date: string, reason: string): void {
  report.entries.leftOut += 1
  problems.push(problemOf(habit, date, reason))
}
