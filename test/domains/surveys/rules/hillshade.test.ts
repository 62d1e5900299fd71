import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  hillshade,
  mostReliefCells,
  type Relief,
  reliefLattice,
  reliefOf,
} from '../../../../src/domains/surveys/rules/hillshade.ts'
import { hemisphere, type Point, type Surface, sampled, tilted, within } from './clouds.ts'
import { gridOf } from './grids.ts'

async function reliefFrom(surface: Surface, half = 5): Promise<Relief> {
  return reliefOf(await gridOf(sampled(surface, half, 1), 1))
}

const brightness = async (surface: Surface) => [...new Set((await lit(surface)).map((value) => value.toFixed(6)))]
const lit = async (surface: Surface) =>
  [...hillshade(await reliefFrom(surface))].filter((value) => !Number.isNaN(value))

describe('planes are equally bright up to their edges', () => {
  const half = Math.SQRT1_2
  test.each([
    // The light's direction is (-1, 1, sqrt 2) / 2.
    ['level ground: sin 45', 0, 0, half],
    ['a slope that faces the light', half, -half, 1],
    ['a slope that turns its back to it', -half, half, 0],
    ['one still steeper', -2, 2, 0],
    ['one beside the light, of 45 degrees', half, half, half / Math.SQRT2],
    ['one that falls to the west by 45 degrees', 1, 0, (half + 0.5) / Math.SQRT2],
    ['one that falls to the south by 45 degrees', 0, 1, (half - 0.5) / Math.SQRT2],
  ] as const)('%s', async (_title, slopeX, slopeY, expected) => {
    // Single precision keeps six digits.
    expect(await brightness(tilted(slopeX, slopeY))).toEqual([expected.toFixed(6)])
  })
})

test('half a ball is brightest where it faces the light', async () => {
  const relief = await reliefFrom(within(38, hemisphere(40)), 38)
  const bright = hillshade(relief)
  const { columns } = relief.lattice
  const best = bright.reduce(
    (so, value, cell) => (value > (bright[so] ?? 0) || Number.isNaN(bright[so] ?? 0) ? cell : so),
    0,
  )
  // The normal at (x, y) is (x, y, z) / 40: it is the light's direction at (-20, 20).
  expect(Math.abs((best % columns) - 0.5 - 38 + 20)).toBeLessThan(1.5)
  expect(Math.abs(Math.floor(best / columns) - 0.5 - 38 - 20)).toBeLessThan(1.5)
  expect(bright[best]).toBeGreaterThan(0.999)
})

test('where nothing is, nothing shines', async () => {
  const relief = await reliefFrom((x, y) => (x > 0 && y > 0 ? null : 1))
  const bright = hillshade(relief)
  expect([...bright].map(Number.isNaN)).toEqual([...relief.heights].map(Number.isNaN))
  // 12 x 12 cells, a rim of one around those of the scan.
  expect([...bright].filter((value) => !Number.isNaN(value))).toHaveLength(75)
})

test('a relief has at most 512 cells a side, wherever it lies, and no finer ones than its points allow', async () => {
  const length = fc.double({ min: 0, max: 50_000, noNaN: true })
  const corner = fc.double({ min: -1e7, max: 1e7, noNaN: true })
  fc.assert(
    fc.property(
      corner,
      corner,
      length,
      length,
      fc.integer({ min: 1000, max: 1e9 }),
      (west, south, width, depth, points) => {
        const box = { west, south, east: west + width, north: south + depth, low: 0, high: 0 }
        const { columns, rows, cellSize } = reliefLattice(box, points)
        expect(Math.max(columns, rows)).toBeLessThanOrEqual(mostReliefCells)
        expect(cellSize ** 2 * points).toBeGreaterThanOrEqual(4 * width * depth * 0.999)
      },
    ),
  )
})

test('a relief keeps the mean of each cell', async () => {
  const points: Point[] = [
    [0.2, 0.5, 1],
    [0.4, 0.5, 2],
    [2.5, 0.5, -7],
  ]
  expect([...reliefOf(await gridOf(points, 1)).heights].slice(6, 9)).toEqual([1.5, Number.NaN, -7])
})
