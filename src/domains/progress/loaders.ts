import { type FirstOf, firstPages, manyPerKey, onePerKey } from '../../platform/database/batching.ts'
import type { ViewerDatabase } from '../../platform/database/viewer-database.ts'
import { ownKeys, type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { type Contribution, firstContributions } from './queries/contributions.ts'
import {
  type DeedKey,
  firstMeritsOfDeeds,
  type GoalItemKey,
  type GoalItemRow,
  type GoalKey,
  goalItemsByKeys,
  goalsByKeys,
  itemsOfGoals,
} from './queries/goals.ts'
import { goalsMovedBy, type Judgement, type MeasuredGoalItem, measureGoals } from './queries/measure.ts'

/** Goals are seen by their owner alone, so no other owner is ever declared here. */
export function progressLoaders(db: ViewerDatabase, viewer: Viewer | null) {
  return {
    goal: onePerKey((keys: readonly GoalKey[]) => goalsByKeys(db, ownKeys(keys, viewer)), goalKey),
    goalItem: onePerKey(
      (keys: readonly GoalItemKey[]) => goalItemsByKeys(db, ownKeys(keys, viewer)),
      ({ ownerId, goalItemId }): GoalItemKey => ({ ownerId, goalItemId }),
    ),
    /** The goals that an entry on this day of an item moves. A document changes one day after the other, so there is one key at a time. */
    goalsMovedByDay: onePerKey(
      (days: readonly DayKey[]) =>
        Promise.all(
          ownKeys(days, viewer).map(async (day) => ({ ...day, goals: await goalsMovedBy(db, day.ownerId, [day]) })),
        ),
      ({ ownerId, itemId, date }): DayKey => ({ ownerId, itemId, date }),
    ),
    itemsOfGoal: manyPerKey<GoalKey, GoalItemRow>((keys) => itemsOfGoals(db, ownKeys(keys, viewer)), goalKey),
    /** What the items of a goal come to as of a day. */
    measuredItems: manyPerKey<Judgement, MeasuredGoalItem>(
      (judgements) => measureGoals(db, ownKeys(judgements, viewer)),
      ({ ownerId, goalId, asOf }) => ({ ownerId, goalId, asOf }),
    ),
    /** The first page of what a value is made of; whoever sees the goal owns the entries. */
    firstContributions: onePerKey(
      (keys: readonly FirstOf<Contribution>[]) =>
        firstPages(keys, (some, first) => firstContributions(db.long, viewerIdOf(viewer), some, first)),
      ({ key }) => key,
    ),
    firstMeritsOfDeed: onePerKey(
      (keys: readonly FirstOf<DeedKey>[]) => firstPages(keys, (some, first) => firstMeritsOfDeeds(db, some, first)),
      ({ key }) => key,
    ),
  }
}

export type ProgressLoaders = ReturnType<typeof progressLoaders>

interface DayKey {
  ownerId: string
  itemId: string
  date: string
}

const goalKey = ({ ownerId, goalId }: GoalKey): GoalKey => ({ ownerId, goalId })
