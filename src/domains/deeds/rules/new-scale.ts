import Big from 'big.js'
import { badUserInput, conflict } from '../../../platform/graphql/errors.ts'
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
  /** That of the value which it continues; null: it begins its own. */
  lineageKey: string | null
}

export interface ScaleVersionValueInput extends ScaleValueInput {
  /** A `scale_value_id`. */
  continues?: string | null | undefined
  lineageKey?: string | null | undefined
}

/** A value of any version of a deed's scale, retired or not. */
export interface KnownValue {
  scaleValueId: string
  lineageKey: string
}

/** SCA-3 The values of a scale from the lowest: 1..50, different names, scores within 0..1 for all of them or for none. */
export function newScaleValues(inputs: readonly ScaleValueInput[], field: string): NewScaleValue[] {
  if (inputs.length === 0)
    throw badUserInput('A deed measured by a scale needs its values.', { reason: 'EMPTY_LIST', field })
  if (inputs.length > mostValues) {
    throw badUserInput(`A scale has at most ${mostValues} values.`, { reason: 'TOO_MANY', field })
  }
  const values = inputs.map((input, place) => ({
    name: nameOf(input.name, `${field}[${place}].name`),
    score: scoreOf(input.score, `${field}[${place}].score`),
    color: input.color ?? null,
    lineageKey: null,
  }))
  refuseSameNames(
    values.map(({ name }) => name),
    (place) => `${field}[${place}].name`,
  )
  if (new Set(values.map(({ score }) => score === null)).size === 2) {
    throw badUserInput('Either all values of a scale have a score, or none.', { reason: 'CONTRADICTORY', field })
  }
  return values
}

/**
 * SCA-3 The values of a later version, each with the lineage that it carries on. BAD_USER_INPUT where it is none of this deed's
 * scale (INVALID_ID), or where two values carry on the same.
 */
export function newVersionValues(
  inputs: readonly ScaleVersionValueInput[],
  known: readonly KnownValue[],
  field: string,
): NewScaleValue[] {
  const taken = new Set<string>()
  return newScaleValues(inputs, field).map((value, place) => {
    const at = `${field}[${place}]`
    const lineageKey = lineageOf(inputs[place] ?? value, known, at)
    if (lineageKey !== null && taken.has(lineageKey)) {
      throw badUserInput('Two values cannot continue the same one.', { reason: 'CONTRADICTORY', field: at })
    }
    if (lineageKey !== null) taken.add(lineageKey)
    return { ...value, lineageKey }
  })
}

function lineageOf(
  { continues, lineageKey }: ScaleVersionValueInput,
  known: readonly KnownValue[],
  at: string,
): string | null {
  if (continues == null && lineageKey == null) return null
  if (continues != null && lineageKey != null) {
    throw badUserInput('Give either continues or lineageKey.', { reason: 'CONTRADICTORY', field: `${at}.lineageKey` })
  }
  const former = known.find((value) =>
    continues != null ? value.scaleValueId === continues : value.lineageKey === lineageKey?.toLowerCase(),
  )
  if (former) return former.lineageKey
  const field = `${at}.${continues != null ? 'continues' : 'lineageKey'}`
  throw badUserInput('The scale of this deed has no such value to continue.', { reason: 'INVALID_ID', field })
}

/** SCA-2 The days on which the next version of a scale may begin. */
export interface VersionDays {
  first: string
  last: string
}

/** SCA-2 The first day of a new version: CONFLICT, SCALE_IN_USE with the first possible day when that is too early. */
export function firstDayOf(effectiveFrom: string | null | undefined, { first, last }: VersionDays): string {
  const field = 'input.effectiveFrom'
  const day = effectiveFrom ?? first
  if (day < first) {
    throw conflict(`The next version of this scale can begin on ${first}.`, {
      reason: 'SCALE_IN_USE',
      field,
      firstPossibleDate: first,
    })
  }
  if (day <= last) return day
  throw badUserInput(`A version begins on ${last} at the latest.`, { reason: 'DATE_OUT_OF_RANGE', field })
}

function scoreOf(score: string | null | undefined, field: string): string | null {
  if (score == null) return null
  if (Big(score).gte(0) && Big(score).lte(1)) return score
  throw badUserInput('A score is from 0 to 1.', { reason: 'INVALID_AMOUNT', field })
}
