import { badUserInput } from '../../../platform/graphql/errors.ts'
import { largestCell, smallestCell } from './lattice.ts'
import { greatestHeight } from './points.ts'

export type CalculationKind = 'area' | 'density' | 'heights' | 'volume' | 'difference'

/** What a calculation takes beside its scans; what its kind does not take is not there. */
export interface CalculationParameters {
  /** Metres. */
  readonly cellSize?: number
  readonly baseHeight?: number
  /** Each once, ascending. */
  readonly percentiles?: readonly number[]
}

/** The same as somebody asks for it; null and undefined are nothing. */
export type AskedParameters = { readonly [Name in ParameterName]?: CalculationParameters[Name] | null | undefined }
type ParameterName = keyof CalculationParameters

const takes: Readonly<Record<CalculationKind, readonly ParameterName[]>> = {
  area: [],
  density: ['cellSize'],
  heights: ['percentiles'],
  volume: ['cellSize', 'baseHeight'],
  difference: ['cellSize'],
}

const defaultPercentiles = [5, 25, 50, 75, 95]
const mostPercentiles = 20

/**
 * How each kind is worked out, by number. Raise it with whatever changes a result, were it in the last bit: results of another
 * number are not answered again.
 */
export const algorithmVersions: Readonly<Record<CalculationKind, number>> = {
  area: 1,
  density: 1,
  heights: 1,
  volume: 1,
  difference: 1,
}

/** How many scans a kind takes. */
export function scansTaken(kind: CalculationKind): number {
  return kind === 'difference' ? 2 : 1
}

/** Whether it is worked out of points; else of the footprint alone. */
export function takesPoints(kind: CalculationKind): boolean {
  return kind !== 'area'
}

/** SUR-1 What a calculation is to be made with, so that equal requests read equal. Throws BAD_USER_INPUT. */
export function checkedParameters(kind: CalculationKind, asked: AskedParameters): CalculationParameters {
  const name = kind.toUpperCase()
  for (const parameter of ['cellSize', 'baseHeight', 'percentiles'] as const) {
    const taken = takes[kind].includes(parameter)
    if (!taken && asked[parameter] != null) throw refused(parameter, `${name} takes no \`${parameter}\`: leave it out.`)
    if (taken && parameter !== 'percentiles' && asked[parameter] == null)
      throw refused(parameter, `${name} needs \`${parameter}\`, in metres.`)
  }
  const { cellSize, baseHeight, percentiles } = asked
  return {
    ...(cellSize != null && { cellSize: within('cellSize', cellSize, smallestCell, largestCell, 'm') }),
    // 0 and -0 are one height.
    ...(baseHeight != null && {
      baseHeight: within('baseHeight', baseHeight, -greatestHeight, greatestHeight, 'm') + 0,
    }),
    ...(kind === 'heights' && { percentiles: checkedPercentiles(percentiles ?? defaultPercentiles) }),
  }
}

function checkedPercentiles(percentiles: readonly number[]): number[] {
  if (percentiles.length === 0 || percentiles.length > mostPercentiles)
    throw badUserInput(`Ask for 1 to ${mostPercentiles} percentiles, or leave them out.`, {
      reason: percentiles.length === 0 ? 'EMPTY_LIST' : 'TOO_MANY',
      field: 'input.percentiles',
    })
  const checked = percentiles.map((percentile) => within('percentiles', percentile, 0, 100, '%') + 0)
  return [...new Set(checked)].sort((one, other) => one - other)
}

function within(parameter: ParameterName, value: number, least: number, most: number, unit: string): number {
  if (value >= least && value <= most) return value
  throw badUserInput(`\`${parameter}\` lies from ${least} to ${most} ${unit}.`, {
    reason: 'OUT_OF_RANGE',
    field: `input.${parameter}`,
  })
}

function refused(parameter: ParameterName, message: string) {
  return badUserInput(message, { reason: 'CONTRADICTORY', field: `input.${parameter}` })
}
