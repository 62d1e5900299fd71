import { actingFor } from '../../platform/database/acting-for.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import type { Database } from '../../platform/database/types.ts'
import { lockOwner } from '../deeds/queries/locks.ts'
import type { EntriesChanged } from '../entries/recording.ts'
import type { ProgressLoaders } from './loaders.ts'
import { type GoalRow, goalsByKeys } from './queries/goals.ts'
import { goalsOfTrees, type MeasuredGoal, measureGoals, measureGoalsMovedBy } from './queries/measure.ts'
import { storeCompletions } from './queries/write-goals.ts'
import { judgeGoal, type MeasuredItem } from './rules.ts'

/**
 * GOAL-5, GOAL-6 Judges goals of one owner from scratch, by the entries as they are, and stores which are completed. Takes the
 * owner's lock first: without it two writers at once would both miss the completion. Sealed goals stay as they are.
 */
export async function settleGoals(tx: Database, ownerId: string, goalIds: readonly string[]): Promise<void> {
  if (goalIds.length === 0) return
  await lockOwner(tx, ownerId)
  const rows = await goalsByKeys(
    tx,
    goalIds.map((goalId) => ({ ownerId, goalId })),
  )
  await storeJudgements(
    tx,
    rows.filter(({ isSealed }) => !isSealed),
  )
}

const unsealed = (measured: readonly MeasuredGoal[]) => measured.filter(({ goal }) => !goal.isSealed)

/** Judges goals as of their owners' today, and stores which are completed. Whoever calls it holds the locks of their owners. */
export async function storeJudgements(tx: Database, goals: readonly GoalRow[]): Promise<void> {
  if (goals.length === 0) return
  const measured = await measureGoals(
    tx,
    goals.map(({ ownerId, goalId, today }) => ({ ownerId, goalId, asOf: today })),
  )
  const itemsOf = Map.groupBy(measured, ({ goalId }) => goalId)
  await storeMeasured(
    tx,
    goals.map((goal) => ({ goal, items: itemsOf.get(goal.goalId) ?? [] })),
  )
}

/** Answers whether any completion came or went. */
async function storeMeasured(tx: Database, measured: readonly MeasuredGoal[]): Promise<boolean> {
  let anyChanged = false
  for (const [ownerId, some] of Map.groupBy(measured, ({ goal }) => goal.ownerId)) {
    const judged = some.map(({ goal, items }) => ({ ...completionOf(goal, items), before: goal.completedOn }))
    const changed = judged.filter(({ completedOn, before }) => completedOn !== before)
    await storeCompletions(tx, ownerId, changed)
    anyChanged ||= changed.length > 0
  }
  return anyChanged
}

function completionOf(goal: GoalRow, items: readonly MeasuredItem[]) {
  return { goalId: goal.goalId, completedOn: judgeGoal(goal.match, items, goal, goal.today).completedOn }
}

/** A day of an item that was recorded, changed or cleared. */
export interface EntryPlace {
  ownerId: string
  itemId: string
  date: string
}

/** GOAL-5 What changed entries do to goals; registered by `databases.ts`. A delegate's entry moves goals that the delegate can't see. */
export async function settleAfterEntries(tx: Transaction, { sent, written }: EntriesChanged): Promise<void> {
  const [owner, ...others] = ownersInOrder(sent)
  if (owner && owner[0] === tx.viewerId && others.length === 0) return settleOwn(tx, owner[0], sent, written)
  for (const [ownerId, days] of ownersInOrder(await written)) {
    // Whoever wrote the entries holds the owner's lock already: their triggers number the change under it.
    await actingFor(tx, ownerId, () => settleMovedBy(tx, ownerId, days))
  }
}

/** Measures right behind the writing, without waiting for its answer; again if somebody else was faster on some of the days. */
async function settleOwn(
  tx: Transaction,
  ownerId: string,
  sent: readonly EntryPlace[],
  written: EntriesChanged['written'],
): Promise<void> {
  const measuring = measureGoalsMovedBy(tx, ownerId, sent)
  measuring.catch(() => {}) // The writing's own failure is told first.
  const days = await written
  if (days.length < sent.length) return settleMovedBy(tx, ownerId, days)
  const moved = await measuring
  if (await storeMeasured(tx, unsealed(moved))) return
  const [day, ...more] = days
  if (day && more.length === 0) tx.handOver((loaders: ProgressLoaders) => handGoals(loaders, day, moved))
}

async function settleMovedBy(tx: Database, ownerId: string, days: readonly EntryPlace[]): Promise<void> {
  if (days.length > 0) await storeMeasured(tx, unsealed(await measureGoalsMovedBy(tx, ownerId, days)))
}

/** The answer to a change of one day tells of the goals that it moved. */
function handGoals(
  loaders: ProgressLoaders,
  { ownerId, itemId, date }: EntryPlace,
  moved: readonly MeasuredGoal[],
): void {
  loaders.goalsMovedByDay.prime(
    { ownerId, itemId, date },
    { ownerId, itemId, date, goals: moved.map(({ goal }) => goal) },
  )
  for (const { goal, items } of moved) {
    loaders.measuredItems.prime({ ownerId, goalId: goal.goalId, asOf: goal.today }, [...items])
  }
}

/** What a move, a deletion or a restoration in the trees of deeds does to goals; registered by `app.ts`. */
export async function settleAfterTrees(
  tx: Transaction,
  moved: readonly { ownerId: string; itemId: string }[],
): Promise<void> {
  for (const [ownerId, items] of ownersInOrder(moved)) {
    await settleGoals(
      tx,
      ownerId,
      await goalsOfTrees(
        tx,
        ownerId,
        items.map(({ itemId }) => itemId),
      ),
    )
  }
}

/** In one order for everybody, so that two transactions never wait for each other. */
function ownersInOrder<Row extends { ownerId: string }>(rows: readonly Row[]): [string, Row[]][] {
  return [...Map.groupBy(rows, ({ ownerId }) => ownerId)].sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1))
}
