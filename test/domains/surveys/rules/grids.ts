import { type HeightGrid, heightGridOf } from '../../../../src/domains/surveys/rules/height-grid.ts'
import { latticeOver } from '../../../../src/domains/surveys/rules/lattice.ts'
import { boxOf, inBatches, type Point } from './clouds.ts'

export function gridOf(points: readonly Point[], cellSize: number, batch?: number): Promise<HeightGrid> {
  return heightGridOf(inBatches(points, batch), latticeOver(boxOf(points), cellSize))
}
