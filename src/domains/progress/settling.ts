import { retrying } from '../../platform/database/retrying.ts'
import type { Database } from '../../platform/database/types.ts'
import { storeJudgements } from './evaluator.ts'
import { goalsByKeys } from './queries/goals.ts'
import {
  type DueGoal,
  goalsAtOnce,
  goalsToSettle,
  ownersToSettle,
  sealGoals,
  tryLockOwner,
} from './queries/settling.ts'

/** What a run came to. */
export interface Settled {
  /** Goals that were judged or sealed. */
  judged: number
  sealed: number
  /** Owners who were being written to just then: the next run takes them. */
  busy: number
  /** Owners whose goals could not be settled, and why; the others are. */
  failed: { ownerId: string; error: unknown }[]
}

const ownersAtOnce = 200

/**
 * GOAL-6 Settles the goals whose window ended before their owner's today, and seals those that ended more than 7 days before
 * it: a limit that was kept completes so, as no entry says that a window is over. `db` is connected as `kitaab_worker`.
 *
 * Each owner is a transaction of its own, under the lock under which their entries are written: a run that was broken off has
 * lost nothing, a second one finds nothing left, and two at once pass each other's owners by.
 */
export async function settleEndedGoals(db: Database, { signal }: { signal?: AbortSignal } = {}): Promise<Settled> {
  const settled: Settled = { judged: 0, sealed: 0, busy: 0, failed: [] }
  for (let after = '0'; ; ) {
    const owners = await ownersToSettle(db, { after, limit: ownersAtOnce })
    for (const ownerId of owners) {
      if (signal?.aborted) return settled
      await settleOwner(db, ownerId, settled).catch((error: unknown) => settled.failed.push({ ownerId, error }))
    }
    const last = owners.at(-1)
    if (last === undefined) return settled
    after = last
  }
}

async function settleOwner(db: Database, ownerId: string, settled: Settled): Promise<void> {
  for (let after = '0'; ; ) {
    const goals = await retrying(() => db.transaction().execute((tx) => settleSome(tx, ownerId, after)))
    if (goals === null) settled.busy += 1
    const last = goals?.at(-1)
    if (!goals || !last) return
    settled.judged += goals.filter(({ mayBeCompleted }) => mayBeCompleted).length
    settled.sealed += goals.filter(({ isToBeSealed }) => isToBeSealed).length
    if (goals.length < goalsAtOnce) return
    after = last.goalId
  }
}

/** Null when somebody else writes for this owner. */
async function settleSome(tx: Database, ownerId: string, after: string): Promise<DueGoal[] | null> {
  if (!(await tryLockOwner(tx, ownerId))) return null
  const due = await goalsToSettle(tx, ownerId, after)
  const open = due.filter(({ mayBeCompleted }) => mayBeCompleted)
  await storeJudgements(
    tx,
    await goalsByKeys(
      tx,
      open.map(({ goalId }) => ({ ownerId, goalId })),
    ),
  )
  await sealGoals(
    tx,
    ownerId,
    due.flatMap(({ goalId, isToBeSealed }) => (isToBeSealed ? [goalId] : [])),
  )
  return due
}
