import { expect, test } from '@jest/globals'
import { densityOf } from '../../../../src/domains/surveys/rules/density.ts'
import { flat, type Point, sampled } from './clouds.ts'
import { gridOf } from './grids.ts'

test('sixteen points a square metre, spread evenly', async () => {
  const grid = await gridOf(sampled(flat(3), 10, 0.25), 1)
  expect(densityOf(grid, 400)).toEqual({
    pointCount: 6400,
    footprintArea: 400,
    perSquareMetre: 16,
    nominalSpacing: 0.25,
    occupiedCells: 400,
    occupiedArea: 400,
    perOccupiedSquareMetre: 16,
    fewestPerCell: 16,
    medianPerCell: 16,
    mostPerCell: 16,
  })
})

test('a gap lowers what the footprint holds, and not what the occupied cells hold', async () => {
  const eastern = sampled((x) => (x < 0 ? null : 1), 10, 0.5)
  expect(densityOf(await gridOf(eastern, 1), 400)).toMatchObject({ perSquareMetre: 2, perOccupiedSquareMetre: 4 })
})

test('the fewest, the middle and the most points in a cell', async () => {
  const cells = [1, 5, 2, 40]
  const points = cells.flatMap((count, column) => Array.from({ length: count }, (): Point => [column + 0.5, 0.5, 0]))
  expect(densityOf(await gridOf(points, 1), 4)).toMatchObject({ fewestPerCell: 1, medianPerCell: 3.5, mostPerCell: 40 })
})
