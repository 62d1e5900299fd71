import Big from 'big.js'
import type { CreateMeritInput, GoalItemInput } from '../../generated/graphql.ts'
import type { Database } from '../../platform/database/types.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { found } from '../../platform/graphql/found.ts'
import { fromGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { goalMaterial, type NewGoal, type NewGoalItem } from './queries/goals.ts'
import { checkedWindow } from './rules.ts'

type Material = NonNullable<Awaited<ReturnType<typeof goalMaterial>>>

/** GOAL-1 */
const mostItems = 50

/** GOAL-1 The input of `createMerit` as it is stored; `deed` is the viewer's own. Throws BAD_USER_INPUT, reason INVALID_GOAL, or NOT_FOUND. */
export async function newMerit(
  db: Database,
  deed: { ownerId: string; deedId: string },
  input: CreateMeritInput,
): Promise<NewGoal> {
  const material = found(await goalMaterial(db, deed.ownerId, deed.deedId))
  if (input.items.length < 1 || input.items.length > mostItems) {
    throw invalid(`A goal asks for 1 to ${mostItems} things.`, 'input.items')
  }
  return {
    ...deed,
    ...checkedWindow(input.startDate ?? material.today, input),
    title: requireText(input.title, { field: 'input.title', max: 200 }),
    description:
      input.description == null
        ? null
        : requireText(input.description, { field: 'input.description', max: 2000, min: 0 }),
    match: input.match ?? 'and',
    items: input.items.map((item, index) => newItem(item, deed.ownerId, material, `input.items[${index}]`)),
  }
}

function newItem(input: GoalItemInput, ownerId: string, material: Material, field: string): NewGoalItem {
  const { metric } = input
  const item = fromGlobalId('DeedItem', input.itemId, `${field}.itemId`)
  if (item.ownerId !== ownerId || !material.itemIds.includes(item.itemId)) {
    throw invalid('It is not an item of the deed.', `${field}.itemId`)
  }
  if (metric === 'count_sum' && material.measure !== 'count') {
    throw invalid('This deed is on a scale: use SCALE_MATCH or DAYS_RECORDED.', `${field}.metric`)
  }
  if (metric === 'scale_match' && material.measure !== 'scale') {
    throw invalid('This deed is counted: use COUNT_SUM or DAYS_RECORDED.', `${field}.metric`)
  }
  if (new Big(input.target).lte(0)) throw invalid('A target is more than 0.', `${field}.target`)
  return {
    itemId: item.itemId,
    includesDescendants: input.includesDescendants ?? true,
    metric,
    comparator: input.comparator ?? (material.category === 'hasanaat' ? 'at_least' : 'at_most'),
    ...scaleOf(input, ownerId, material, field),
    target: input.target,
  }
}

function scaleOf(input: GoalItemInput, ownerId: string, material: Material, field: string) {
  if (input.metric !== 'scale_match') {
    if (input.scaleValueId == null && input.scaleMatch == null) return { scaleValueId: null, scaleMatch: null }
    throw invalid('Only SCALE_MATCH asks for a value of the scale.', `${field}.scaleValueId`)
  }
  if (input.scaleValueId == null) throw invalid('SCALE_MATCH asks for a value of the scale.', `${field}.scaleValueId`)
  const value = fromGlobalId('ScaleValue', input.scaleValueId, `${field}.scaleValueId`)
  if (value.ownerId !== ownerId || !material.scaleValueIds.includes(value.scaleValueId)) {
    throw invalid("It is not a value of the deed's scale.", `${field}.scaleValueId`)
  }
  return { scaleValueId: value.scaleValueId, scaleMatch: input.scaleMatch ?? ('exact' as const) }
}

function invalid(message: string, field: string) {
  return badUserInput(message, { reason: 'INVALID_GOAL', field })
}
