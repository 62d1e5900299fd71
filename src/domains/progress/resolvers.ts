import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { found, ownKey } from '../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { entriesOfOwner } from '../entries/queries.ts'
import { settleGoals } from './evaluator.ts'
import { newMerit } from './new-goal.ts'
import {
  allMeritsOfOwner,
  type GoalItemKey,
  type GoalKey,
  type GoalRow,
  insertMerit,
  meritsOfOwner,
} from './queries/goals.ts'
import { goalsMovedBy } from './queries/measure.ts'
import { type GoalItemProgress, type GoalState, judgeGoal, progressOf } from './rules.ts'

const pageSize = 20

const goalFields = {
  id: (goal: GoalRow) => toGlobalId('Merit', goal),
  items: ({ ownerId, goalId }: GoalRow, _args: object, { loaders }: Context) =>
    loaders.itemsOfGoal.load({ ownerId, goalId }),
  progress: (goal: GoalRow, { asOf }: { asOf?: string | null | undefined }, context: Context) =>
    progressAsOf(goal, asOf, context),
}

export const resolvers: Resolvers = {
  Account: {
    merits: async ({ userId }, { state, first, after }, context) => {
      const goalIds = state == null ? undefined : await meritsInState(userId, state, context)
      const page = { first: first ?? pageSize, after: after ?? null, scope: state ?? null }
      return meritsOfOwner(context.db, userId, { ...page, ...(goalIds && { goalIds }) })
    },
  },

  Goal: { __resolveType: () => 'Merit' },

  Merit: {
    ...goalFields,
    deed: async ({ ownerId, deedId }, _args, { loaders }) =>
      found(deedId === null ? null : await loaders.deed.load({ ownerId, deedId })),
  },

  GoalItem: {
    id: (item) => toGlobalId('GoalItem', item),
    item: ({ ownerId, itemId }, _args, { loaders }) => loaders.deedItem.load({ ownerId, itemId }),
    scaleValue: ({ ownerId, scaleValueId }, _args, { loaders }) =>
      scaleValueId === null ? null : loaders.scaleValue.load({ ownerId, scaleValueId }),
  },

  ItemProgress: {
    contributions: (item, { first, after }, context) =>
      contributions(item, { first: first ?? pageSize, after }, context),
  },

  RecordEntryPayload: { goals: (place, _args, context) => goalsMoved(place, context) },
  ClearEntryPayload: { goals: (place, _args, context) => goalsMoved(place, context) },

  Mutation: {
    createMerit: async (_root, { input }, { transaction, viewer, loaders }) => {
      const deed = ownKey(fromGlobalId('Deed', input.deedId, 'input.deedId'), viewer)
      const key = await transaction(async (tx) => {
        const goal = await insertMerit(tx, await newMerit(tx, deed, input))
        await settleGoals(tx, deed.ownerId, [goal.goalId])
        return goal
      })
      return { merit: found(await loaders.goal.load(key)) }
    },
  },
}

/** How `node(id:)` reads this domain's objects. */
export const progressNodes = {
  Merit: (key: GoalKey, { loaders }: Context) => loaders.goal.load(key),
  GoalItem: (key: GoalItemKey, { loaders }: Context) => loaders.goalItem.load(key),
}

/** GOAL-7 */
async function progressAsOf(goal: GoalRow, asked: string | null | undefined, { loaders }: Context) {
  const { ownerId, goalId, today } = goal
  const asOf = asked ?? today
  if (asOf > today) {
    throw badUserInput(`Progress is known up to today, ${today}.`, { reason: 'DATE_OUT_OF_RANGE', field: 'asOf' })
  }
  const [items, measured] = await Promise.all([
    loaders.itemsOfGoal.load({ ownerId, goalId }),
    loaders.measuredItems.load({ ownerId, goalId, asOf }),
  ])
  return progressOf(goal, items, measured, asOf)
}

/** States follow from entries and the day alone, so they are judged for all merits before some are shown. */
async function meritsInState(ownerId: string, state: GoalState, { db, loaders }: Context): Promise<string[]> {
  const merits = await allMeritsOfOwner(db, ownerId)
  const states = await Promise.all(
    merits.map(async (goal) => {
      const key = { ownerId, goalId: goal.goalId, asOf: goal.today }
      return judgeGoal(goal.match, await loaders.measuredItems.load(key), goal, goal.today).state
    }),
  )
  return merits.filter((_, index) => states[index] === state).map(({ goalId }) => goalId)
}

/** The entries that an item's value is made of; a goal is its owner's alone, so are they. */
function contributions(
  { goal, goalItem, asOf, matchingValueIds }: GoalItemProgress,
  page: { first: number; after?: string | null | undefined },
  { db }: Context,
) {
  const { ownerId, itemId, includesDescendants } = goalItem
  const to = asOf < goal.endDate ? asOf : goal.endDate
  const conditions = {
    range: { from: goal.startDate, to },
    itemIds: [itemId],
    includeDescendants: includesDescendants,
    scaleValueIds: matchingValueIds,
  }
  return entriesOfOwner(db, ownerId, ownerId, { conditions, ...page })
}

/** The goals that an entry counts for; to a delegate there are none (SHA-6). */
async function goalsMoved(
  { ownerId, itemId, date }: { ownerId: string; itemId: string; date: string },
  { db, loaders }: Context,
): Promise<GoalRow[]> {
  const ids = await goalsMovedBy(db, ownerId, [{ itemId, date }])
  const goals = await Promise.all(ids.slice(0, 100).map((goalId) => loaders.goal.load({ ownerId, goalId })))
  return goals.filter((goal) => goal !== null)
}
