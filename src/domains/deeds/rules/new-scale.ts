import Big from 'big.js'
import { badUserInput } from '../../../platform/graphql/errors.ts'
import { nameOf, refuseSameNames } from './texts.ts'

const mostValues = 50

export interface ScaleValueInput {
  name: string
  score?: string | null | undefined
  color?: string | null | undefined
}

/** A value of a scale to be stored; its order is its place in the list. */
export interface NewScaleValue {
  name: string
  score: string | null
  color: string | null
}

/** SCA-3 The values of a scale from the lowest: 1..50, different names, scores within 0..1 for all of them or for none. */
export function newScaleValues(inputs: readonly ScaleValueInput[], field: string): NewScaleValue[] {
  if (inputs.length === 0) throw badUserInput('A deed measured by a scale needs its values.', { field })
  if (inputs.length > mostValues) {
    throw badUserInput(`A scale has at most ${mostValues} values.`, { reason: 'TOO_MANY', field })
  }
  const values = inputs.map((input, place) => ({
    name: nameOf(input.name, `${field}[${place}].name`),
    score: scoreOf(input.score, `${field}[${place}].score`),
    color: input.color ?? null,
  }))
  refuseSameNames(
    values.map(({ name }) => name),
    (place) => `${field}[${place}].name`,
  )
  if (new Set(values.map(({ score }) => score === null)).size === 2) {
    throw badUserInput('Either all values of a scale have a score, or none.', { field })
  }
  return values
}

function scoreOf(score: string | null | undefined, field: string): string | null {
  if (score == null) return null
  if (Big(score).gte(0) && Big(score).lte(1)) return score
  throw badUserInput('A score is from 0 to 1.', { reason: 'INVALID_AMOUNT', field })
}
