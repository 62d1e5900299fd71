import type { CalculationKind, CalculationParameters } from '../rules/calculation-parameters.ts'
import type { Measure } from './calculate.ts'

/** What is to be done with the points, of a calculation that was checked when it was asked for (`checkedParameters`). */
export function measureOf(
  kind: Exclude<CalculationKind, 'area'>,
  { cellSize = Number.NaN, baseHeight = Number.NaN, percentiles = [] }: CalculationParameters,
  footprintArea: number,
): Exclude<Measure, { readonly kind: 'relief' }> {
  if (kind === 'density') return { kind, cellSize, footprintArea }
  if (kind === 'heights') return { kind, percentiles }
  return kind === 'volume' ? { kind, cellSize, baseHeight } : { kind, cellSize }
}
