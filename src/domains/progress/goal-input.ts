import Big from 'big.js'
import type { GoalItemInput } from '../../generated/graphql.ts'
import type { Database } from '../../platform/database/types.ts'
import { badUserInput, conflict, notFound } from '../../platform/graphql/errors.ts'
import { fromGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import type { GoalRow } from './queries/goals.ts'
import { deedIsLive, type GoalMaterial, goalMaterial } from './queries/material.ts'
import type { GoalChanges, NewGoal, NewGoalItem } from './queries/write-goals.ts'
import { checkedWindow } from './rules.ts'

/** GOAL-1 */
const mostItems = 50

/** What `createMerit` and `createTarget` have in common. */
export interface NewGoalInput {
  title: string
  description?: string | null | undefined
  match?: 'and' | 'or' | null | undefined
  startDate?: string | null | undefined
  endDate?: string | null | undefined
  durationDays?: number | null | undefined
  items: readonly GoalItemInput[]
}

/** What `updateMerit` and `updateTarget` have in common: what is left out stays. */
export interface GoalUpdateInput extends Partial<Omit<NewGoalInput, 'title' | 'items'>> {
  title?: string | null | undefined
  items?: readonly GoalItemInput[] | null | undefined
  isActive?: boolean | null | undefined
}

/** Whose goal it is; a merit is about one deed. */
export interface GoalPlace {
  ownerId: string
  deedId: string | null
}

/** GOAL-1 A new goal as it is stored. Throws BAD_USER_INPUT, reason INVALID_GOAL or INVALID_TEXT, or NOT_FOUND without the deed. */
export async function newGoal(db: Database, place: GoalPlace, input: NewGoalInput): Promise<NewGoal> {
  if (place.deedId !== null && !(await deedIsLive(db, place.ownerId, place.deedId))) throw notFound()
  const { today, items } = await checkedItems(db, place, input.items)
  return {
    ...place,
    ...checkedWindow(input.startDate ?? today, input),
    kind: place.deedId === null ? 'target' : 'merit',
    title: titleOf(input.title),
    description: descriptionOf(input.description),
    match: input.match ?? 'and',
    items,
  }
}

/** What of a goal changes. GOAL-6 Sealed, it keeps what its completion is about: CONFLICT, reason GOAL_IS_SEALED. */
export async function goalChanges(db: Database, goal: GoalRow, input: GoalUpdateInput): Promise<GoalChanges> {
  const { title, description, match, isActive } = input
  const window = newWindow(goal, input)
  const items = input.items && (await checkedItems(db, goal, input.items)).items
  if (goal.isSealed && (window || items || (match != null && match !== goal.match))) {
    throw conflict('A sealed goal keeps its window, its items and its completion.', { reason: 'GOAL_IS_SEALED' })
  }
  return {
    ...(title != null && { title: titleOf(title) }),
    ...(description !== undefined && { description: descriptionOf(description) }),
    ...(match != null && { match }),
    ...(isActive != null && { isActive }),
    ...(window && { window }),
    ...(items && { items }),
  }
}

/** Null unless it changes. The first day and the last stay where they are not given. */
function newWindow(goal: GoalRow, { startDate, endDate, durationDays }: GoalUpdateInput) {
  if (startDate == null && endDate == null && durationDays == null) return null
  const end = endDate ?? (durationDays == null ? goal.endDate : null)
  const window = checkedWindow(startDate ?? goal.startDate, { endDate: end, durationDays })
  return window.startDate === goal.startDate && window.endDate === goal.endDate ? null : window
}

function titleOf(title: string): string {
  return requireText(title, { field: 'input.title', max: 200 })
}

/** Null for nothing, and for white space alone. */
function descriptionOf(description: string | null | undefined): string | null {
  return requireText(description ?? '', { field: 'input.description', max: 2000, min: 0 }) || null
}

async function checkedItems(db: Database, place: GoalPlace, inputs: readonly GoalItemInput[]) {
  if (inputs.length < 1 || inputs.length > mostItems) {
    throw invalid(`A goal asks for 1 to ${mostItems} things.`, 'input.items')
  }
  const named = inputs.map((input, index) => namedBy(input, place.ownerId, `input.items[${index}]`))
  const material = await goalMaterial(db, place.ownerId, {
    itemIds: named.map(({ itemId }) => itemId),
    scaleValueIds: named.flatMap(({ scaleValueId }) => scaleValueId ?? []),
  })
  return { today: material.today, items: named.map((asked) => newItem(asked, place, material)) }
}

/** What the column holds. */
const largestTarget = '999999999.999'

interface NamedItem {
  input: GoalItemInput
  /** Where it stands in the input. */
  field: string
  itemId: string
  scaleValueId: string | null
}

/** The ids of an item of the input. Other people's are nobody's business: they read as if they were not there. */
function namedBy(input: GoalItemInput, ownerId: string, field: string): NamedItem {
  const item = fromGlobalId('DeedItem', input.itemId, `${field}.itemId`)
  const value =
    input.scaleValueId == null ? null : fromGlobalId('ScaleValue', input.scaleValueId, `${field}.scaleValueId`)
  if (item.ownerId !== ownerId) throw notAnItem(field)
  if (value !== null && value.ownerId !== ownerId) throw notAValue(field)
  return { input, field, itemId: item.itemId, scaleValueId: value?.scaleValueId ?? null }
}

function newItem(
  { input, field, itemId, scaleValueId }: NamedItem,
  place: GoalPlace,
  material: GoalMaterial,
): NewGoalItem {
  const { metric } = input
  const item = material.items.get(itemId)
  if (!item || (place.deedId !== null && item.deedId !== place.deedId)) throw notAnItem(field, place)
  if (metric === 'count_sum' && item.measure !== 'count') {
    throw invalid('This deed is on a scale: use SCALE_MATCH or DAYS_RECORDED.', `${field}.metric`)
  }
  if (metric === 'scale_match' && item.measure !== 'scale') {
    throw invalid('This deed is counted: use COUNT_SUM or DAYS_RECORDED.', `${field}.metric`)
  }
  const target = new Big(input.target)
  if (target.lte(0)) throw invalid('A target is more than 0.', `${field}.target`)
  if (target.gt(largestTarget)) throw invalid(`A target is at most ${largestTarget}.`, `${field}.target`)
  const scale = scaleOf(input, scaleValueId, field)
  if (scaleValueId !== null && material.values.get(scaleValueId)?.deedId !== item.deedId) throw notAValue(field)
  return {
    itemId,
    includesDescendants: input.includesDescendants ?? true,
    metric,
    comparator: input.comparator ?? (item.category === 'hasanaat' ? 'at_least' : 'at_most'),
    ...scale,
    target: input.target,
  }
}

function scaleOf({ metric, scaleMatch }: GoalItemInput, scaleValueId: string | null, field: string) {
  if (metric !== 'scale_match') {
    if (scaleValueId === null && scaleMatch == null) return { scaleValueId: null, scaleMatch: null }
    throw invalid('Only SCALE_MATCH asks for a value of the scale.', `${field}.scaleValueId`)
  }
  if (scaleValueId === null) throw invalid('SCALE_MATCH asks for a value of the scale.', `${field}.scaleValueId`)
  return { scaleValueId, scaleMatch: scaleMatch ?? ('exact' as const) }
}

function notAnItem(field: string, place?: GoalPlace) {
  const whose = place?.deedId == null ? 'one of your items' : 'an item of the deed'
  return invalid(`It is not ${whose}.`, `${field}.itemId`)
}

function notAValue(field: string) {
  return invalid("It is not a value of the deed's scale.", `${field}.scaleValueId`)
}

function invalid(message: string, field: string) {
  return badUserInput(message, { reason: 'INVALID_GOAL', field })
}
