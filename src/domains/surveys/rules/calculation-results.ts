import type { CalculationKind } from './calculation-parameters.ts'
import type { DensityModel } from './density.ts'
import type { DifferenceModel } from './difference.ts'
import type { HeightsModel } from './heights.ts'
import type { VolumeModel } from './volume.ts'

/**
 * What a footprint covers, on the ellipsoid of WGS 84: square metres, and metres around it. Geodesic, by PostGIS's `geography`
 * (Karney, Algorithms for geodesics, Journal of Geodesy 87, 2013). Points and lines cover 0.
 */
export interface AreaModel {
  readonly area: number
  readonly perimeter: number
}

export interface CalculationResults {
  area: AreaModel
  density: DensityModel
  heights: HeightsModel
  volume: VolumeModel
  difference: DifferenceModel
}

export type CalculationResult = CalculationResults[CalculationKind]

/** A result under the name of its type in the schema. */
export type ShownResult = CalculationResult & { readonly __typename: (typeof resultTypes)[CalculationKind] }

/** The type that each kind answers, in the schema. */
export const resultTypes = {
  area: 'AreaResult',
  density: 'DensityResult',
  heights: 'HeightsResult',
  volume: 'VolumeResult',
  difference: 'DifferenceResult',
} as const satisfies Record<CalculationKind, string>
