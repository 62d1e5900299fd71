import type { Context } from '../../../context.ts'
import type { MutationResolvers } from '../../../generated/graphql.ts'
import type { Transaction } from '../../../platform/database/listeners.ts'
import { notFound } from '../../../platform/graphql/errors.ts'
import { found, ownKey, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId } from '../../../platform/graphql/global-ids.ts'
import { checkVersion, lockOwner } from '../../deeds/queries/locks.ts'
import { settleGoals } from '../evaluator.ts'
import { type GoalPlace, type GoalUpdateInput, goalChanges, type NewGoalInput, newGoal } from '../goal-input.ts'
import { type GoalKey, type GoalKind, type GoalRow, goalsByKeys } from '../queries/goals.ts'
import { changeGoal, deleteGoal, insertGoal } from '../queries/write-goals.ts'

type Mutations = 'createMerit' | 'updateMerit' | 'deleteMerit' | 'createTarget' | 'updateTarget' | 'deleteTarget'

export const mutations: Pick<MutationResolvers, Mutations> = {
  async createMerit(_, { input }, context) {
    const { ownerId, deedId } = ownKey(fromGlobalId('Deed', input.deedId, 'input.deedId'), context.viewer)
    return { merit: await createGoal({ ownerId, deedId }, input, context) }
  },
  async createTarget(_, { input }, context) {
    const { userId: ownerId } = someViewer(context.viewer)
    return { target: await createGoal({ ownerId, deedId: null }, input, context) }
  },
  async updateMerit(_, { input }, context) {
    return { merit: await updateGoal(meritKey(input.meritId, context), 'merit', input, context) }
  },
  async updateTarget(_, { input }, context) {
    return { target: await updateGoal(targetKey(input.targetId, context), 'target', input, context) }
  },
  deleteMerit: (_, { input }, context) => removeGoal(meritKey(input.meritId, context), 'merit', input, context),
  deleteTarget: (_, { input }, context) => removeGoal(targetKey(input.targetId, context), 'target', input, context),
}

function meritKey(id: string, { viewer }: Context): GoalKey {
  return ownKey(fromGlobalId('Merit', id, 'input.meritId'), viewer)
}

function targetKey(id: string, { viewer }: Context): GoalKey {
  return ownKey(fromGlobalId('Target', id, 'input.targetId'), viewer)
}

async function createGoal(place: GoalPlace, input: NewGoalInput, { transaction, loaders }: Context): Promise<GoalRow> {
  const key = await transaction(async (tx) => {
    await lockOwner(tx, place.ownerId)
    const goal = await insertGoal(tx, await newGoal(tx, place, input))
    await settleGoals(tx, place.ownerId, [goal.goalId])
    return goal
  })
  return found(await loaders.goal.load(key))
}

type Expecting = { expectedVersion?: number | null | undefined }

/** GOAL-5 Whatever was changed, it is judged from scratch before anybody sees it. */
async function updateGoal(
  key: GoalKey,
  kind: GoalKind,
  input: GoalUpdateInput & Expecting,
  { transaction, loaders }: Context,
): Promise<GoalRow> {
  await transaction(async (tx) => {
    const goal = await lockedGoal(tx, key, kind, input)
    await changeGoal(tx, key, await goalChanges(tx, goal, input))
    await settleGoals(tx, key.ownerId, [key.goalId])
  })
  return found(await loaders.goal.load(key))
}

async function removeGoal(key: GoalKey, kind: GoalKind, input: Expecting, { transaction, loaders }: Context) {
  const deletionId = await transaction(async (tx) => {
    const { title } = await lockedGoal(tx, key, kind, input)
    return deleteGoal(tx, key, title)
  })
  return { deletion: found(await loaders.deletion.load({ ownerId: key.ownerId, deletionId })) }
}

/** One's own goal as it is, and stays until the end of the transaction. NOT_FOUND, or CONFLICT, reason STALE_VERSION. */
async function lockedGoal(
  tx: Transaction,
  key: GoalKey,
  kind: GoalKind,
  { expectedVersion }: Expecting,
): Promise<GoalRow> {
  await lockOwner(tx, key.ownerId)
  const [goal] = await goalsByKeys(tx, [key])
  if (goal?.kind !== kind) throw notFound()
  checkVersion(goal.version, expectedVersion)
  return goal
}
