import { badUserInput } from '../../../platform/graphql/errors.ts'
import { type ItemInput, itemLevels, type NewItem } from './new-items.ts'
import { type NewScaleValue, newScaleValues, type ScaleValueInput } from './new-scale.ts'
import { descriptionOf, nameOf, textChanges, unitOf } from './texts.ts'

export type Category = 'hasanaat' | 'saiyyiaat'
export type Measure = 'scale' | 'count'

export interface DeedInput {
  category: Category
  name: string
  description?: string | null | undefined
  measure: Measure
  unit?: string | null | undefined
  scale?: readonly ScaleValueInput[] | null | undefined
  items?: readonly ItemInput[] | null | undefined
}

export interface NewDeed {
  category: Category
  name: string
  description: string | null
  measure: Measure
  unit: string | null
  /** From the lowest; empty for counts. */
  scale: NewScaleValue[]
  /** Level by level; empty for a deed without items. */
  levels: NewItem[][]
}

/** SCA-4, TREE-1, TREE-3 A deed as it will be stored, or BAD_USER_INPUT with the field that can never work. */
export function newDeed(input: DeedInput): NewDeed {
  const measured = newMeasure(input.measure, input)
  return {
    category: input.category,
    name: nameOf(input.name, 'input.name'),
    description: descriptionOf(input.description, 'input.description'),
    measure: input.measure,
    ...measured,
    levels: itemLevels(input.items ?? [], { field: 'input.items' }),
  }
}

/** What goes with a measure: a unit with counts, a scale with SCALE, and never the other's. */
export function newMeasure(
  measure: Measure,
  input: { unit?: string | null | undefined; scale?: readonly ScaleValueInput[] | null | undefined },
): { unit: string | null; scale: NewScaleValue[] } {
  const unit = unitOf(input.unit, 'input.unit')
  if (measure === 'count' && input.scale != null) {
    throw badUserInput('A deed that is counted has no scale.', { reason: 'CONTRADICTORY', field: 'input.scale' })
  }
  if (measure === 'count') return { unit, scale: [] }
  if (unit !== null)
    throw badUserInput('A deed measured by a scale has no unit.', { reason: 'CONTRADICTORY', field: 'input.unit' })
  return { unit, scale: newScaleValues(input.scale ?? [], 'input.scale') }
}

export interface DeedChanges {
  name?: string
  description?: string | null
  measure?: Measure
  unit?: string | null
  isHidden?: boolean
}

export interface DeedChangesInput {
  name?: string | null | undefined
  description?: string | null | undefined
  measure?: Measure | null | undefined
  unit?: string | null | undefined
  isHidden?: boolean | null | undefined
  scale?: readonly ScaleValueInput[] | null | undefined
}

/** What of a deed changes, and the values of its new scale when it is measured by one from now on. */
export function deedChanges(
  input: DeedChangesInput,
  current: { measure: Measure },
): { changes: DeedChanges; scale: NewScaleValue[] } {
  const changes: DeedChanges = { ...textChanges(input), ...(input.isHidden != null && { isHidden: input.isHidden }) }
  const measure = input.measure ?? current.measure
  if (measure !== current.measure) {
    const { unit, scale } = newMeasure(measure, input)
    return { changes: { ...changes, measure, unit }, scale }
  }
  if (input.scale != null) {
    throw badUserInput('The scale goes with a change of the measure to SCALE.', {
      reason: 'CONTRADICTORY',
      field: 'input.scale',
    })
  }
  if (input.unit === undefined) return { changes, scale: [] }
  const unit = unitOf(input.unit, 'input.unit')
  if (measure === 'scale' && unit !== null) {
    throw badUserInput('A deed measured by a scale has no unit.', { reason: 'CONTRADICTORY', field: 'input.unit' })
  }
  return { changes: { ...changes, unit }, scale: [] }
}
