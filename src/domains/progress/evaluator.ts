import { actingFor } from '../../platform/database/acting-for.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import type { Database } from '../../platform/database/types.ts'
import { lockOwner } from '../deeds/queries/locks.ts'
import { type GoalRow, goalsByKeys } from './queries/goals.ts'
import { goalsMovedBy, goalsOfTrees, measureGoals } from './queries/measure.ts'
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
  await storeJudgements(tx, unsealed(rows))
}

const unsealed = (goals: readonly GoalRow[]) => goals.filter((goal) => !goal.isSealed)

/** Judges goals as of their owners' today, and stores which are completed. Whoever calls it holds the locks of their owners. */
export async function storeJudgements(tx: Database, goals: readonly GoalRow[]): Promise<void> {
  if (goals.length === 0) return
  const measured = await measureGoals(
    tx,
    goals.map(({ ownerId, goalId, today }) => ({ ownerId, goalId, asOf: today })),
  )
  const itemsOf = Map.groupBy(measured, ({ goalId }) => goalId)
  for (const [ownerId, some] of Map.groupBy(goals, (goal) => goal.ownerId)) {
    const judged = some.map((goal) => ({
      ...completionOf(goal, itemsOf.get(goal.goalId) ?? []),
      before: goal.completedOn,
    }))
    const changed = judged.filter(({ completedOn, before }) => completedOn !== before)
    await storeCompletions(tx, ownerId, changed)
  }
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

/** GOAL-5 What changed entries do to goals; registered by `app.ts`. A delegate's entry moves goals that the delegate can't see. */
export async function settleAfterEntries(tx: Transaction, changes: readonly EntryPlace[]): Promise<void> {
  for (const [ownerId, days] of ownersInOrder(changes)) {
    // Whoever wrote the entries holds the owner's lock already: their triggers number the change under it.
    await actingFor(tx, ownerId, async () => storeJudgements(tx, unsealed(await goalsMovedBy(tx, ownerId, days))))
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
