import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { found } from '../../platform/graphql/found.ts'
import { toGlobalId } from '../../platform/graphql/global-ids.ts'
import { asksFor, type Selected } from '../../platform/graphql/selection.ts'
import { viewerIdOf } from '../../platform/viewer.ts'
import { contributionsAfter } from './queries/contributions.ts'
import {
  allGoalsOfOwner,
  type GoalItemKey,
  type GoalKey,
  type GoalKind,
  type GoalPage,
  type GoalRow,
  goalsOfOwner,
  meritsOfDeed,
} from './queries/goals.ts'
import { goalsMovedBy } from './queries/measure.ts'
import { mutations } from './resolvers/mutations.ts'
import { type GoalItemProgress, type GoalState, judgeGoal, progressOf } from './rules.ts'

const pageSize = 20

const goalFields = {
  items: ({ ownerId, goalId }: GoalRow, _args: object, { loaders }: Context) =>
    loaders.itemsOfGoal.load({ ownerId, goalId }),
  progress: (goal: GoalRow, { asOf }: { asOf?: string | null | undefined }, context: Context, info: Selected) =>
    progressAsOf(goal, asOf, context, info),
}

export const resolvers: Resolvers = {
  Account: {
    merits: ({ userId }, args, context) => goalsInState({ ownerId: userId, kind: 'merit' }, args, context),
    targets: ({ userId }, args, context) => goalsInState({ ownerId: userId, kind: 'target' }, args, context),
  },

  Deed: {
    async merits({ ownerId, deedId }, { first, after }, { db, loaders, viewer }) {
      const key = { viewerId: viewerIdOf(viewer), ownerId, deedId, first: first ?? pageSize }
      if (after != null) return meritsOfDeed(db, key, { first: key.first, after })
      return found(await loaders.firstMeritsOfDeed.load(key)).page
    },
  },

  Goal: { __resolveType: ({ kind }) => (kind === 'merit' ? 'Merit' : 'Target') },

  Merit: {
    ...goalFields,
    id: (goal) => toGlobalId('Merit', goal),
    deed: async ({ ownerId, deedId }, _args, { loaders }) =>
      found(deedId === null ? null : await loaders.deed.load({ ownerId, deedId })),
  },

  Target: { ...goalFields, id: (goal) => toGlobalId('Target', goal) },

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

  RecordEntryPayload: { goals: (place, _args, context) => goalsMoved([place], context) },
  RecordEntriesPayload: {
    goals: ({ rows }, _args, context) =>
      goalsMoved(
        rows.flatMap((row) => (row.error ? [] : [row])),
        context,
      ),
  },
  ClearEntryPayload: { goals: (place, _args, context) => goalsMoved([place], context) },
  RevertEntryPayload: { goals: (place, _args, context) => goalsMoved([place], context) },

  Mutation: mutations,
}

/** How `node(id:)` reads this domain's objects. */
export const progressNodes = {
  Merit: (key: GoalKey, context: Context) => goalOfKind(key, 'merit', context),
  Target: (key: GoalKey, context: Context) => goalOfKind(key, 'target', context),
  GoalItem: (key: GoalItemKey, { loaders }: Context) => loaders.goalItem.load(key),
}

async function goalOfKind(key: GoalKey, kind: GoalKind, { loaders }: Context): Promise<GoalRow | null> {
  const goal = await loaders.goal.load(key)
  return goal?.kind === kind ? goal : null
}

/** GOAL-7 */
async function progressAsOf(goal: GoalRow, asked: string | null | undefined, { loaders }: Context, info: Selected) {
  const { ownerId, goalId, today } = goal
  const asOf = asked ?? today
  if (asOf > today) {
    throw badUserInput(`Progress is known up to today, ${today}.`, { reason: 'DATE_OUT_OF_RANGE', field: 'asOf' })
  }
  const [items, measured] = await Promise.all([
    asksFor(info, 'items') ? loaders.itemsOfGoal.load({ ownerId, goalId }) : [],
    loaders.measuredItems.load({ ownerId, goalId, asOf }),
  ])
  return progressOf(goal, items, measured, asOf)
}

type GoalsOf = { ownerId: string; kind: GoalKind }
type PageArgs = { first?: number | null | undefined; after?: string | null | undefined }

async function goalsInState(
  of: GoalsOf,
  { state, first, after }: PageArgs & { state?: GoalState | null | undefined },
  context: Context,
): Promise<GoalPage> {
  const goalIds = state == null ? undefined : await idsInState(of, state, context)
  const page = { first: first ?? pageSize, after: after ?? null, scope: state ?? null }
  return goalsOfOwner(context.db, of, { ...page, ...(goalIds && { goalIds }) })
}

/** States follow from entries and the day alone, so they are judged for all goals before some are shown. */
async function idsInState(of: GoalsOf, state: GoalState, { db, loaders }: Context): Promise<string[]> {
  const goals = await allGoalsOfOwner(db, of)
  const states = await Promise.all(
    goals.map(async (goal) => {
      const key = { ownerId: of.ownerId, goalId: goal.goalId, asOf: goal.today }
      return judgeGoal(goal.match, await loaders.measuredItems.load(key), goal, goal.today).state
    }),
  )
  return goals.filter((_, index) => states[index] === state).map(({ goalId }) => goalId)
}

/** The entries that an item's value is made of; a goal is its owner's alone, so are they. */
async function contributions(
  { goal, goalItem, asOf, matchingValueIds }: GoalItemProgress,
  { first, after }: { first: number; after?: string | null | undefined },
  { db, loaders, viewer }: Context,
) {
  const { ownerId, itemId, includesDescendants } = goalItem
  const part = {
    ownerId,
    itemId,
    includesDescendants,
    from: goal.startDate,
    to: asOf < goal.endDate ? asOf : goal.endDate,
    scaleValueIds: matchingValueIds,
  }
  if (after != null) return contributionsAfter(db.long, viewerIdOf(viewer), part, { first, after })
  return found(await loaders.firstContributions.load({ ...part, first })).page
}

/** The goals that entries count for; to a delegate there are none (SHA-6). */
async function goalsMoved(
  places: readonly { ownerId: string; itemId: string; date: string }[],
  { db, loaders, viewer }: Context,
): Promise<GoalRow[]> {
  const own = places.filter(({ ownerId }) => ownerId === viewer?.userId)
  const [day, ...more] = own
  if (!day) return []
  const { ownerId, itemId, date } = day
  if (more.length === 0) {
    const moved = await loaders.goalsMovedByDay.load({ ownerId, itemId, date })
    return moved?.goals.slice(0, 100) ?? []
  }
  return (await goalsMovedBy(db, ownerId, own)).slice(0, 100)
}
