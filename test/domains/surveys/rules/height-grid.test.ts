import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { heightGridOf } from '../../../../src/domains/surveys/rules/height-grid.ts'
import { cellSizeFor, cellsOf, latticeOver, mostCells } from '../../../../src/domains/surveys/rules/lattice.ts'
import { volumeOver } from '../../../../src/domains/surveys/rules/volume.ts'
import { inBatches, type Point } from './clouds.ts'
import { gridOf } from './grids.ts'

const box = (west: number, south: number, east: number, north: number) => ({
  west,
  south,
  east,
  north,
  low: 0,
  high: 0,
})
const millimetres = (most: number) => fc.integer({ min: -most, max: most }).map((value) => value / 1000)
const eighths = fc.integer({ min: -80, max: 80 }).map((value) => value / 8)
const cloud = fc.array(fc.tuple(eighths, eighths, millimetres(90_000)), { minLength: 1, maxLength: 80 })

test('a cell holds its western and southern edges, and the mean, least and greatest height of its points', async () => {
  const grid = await gridOf(
    [
      [0, 0, 1],
      [0.999, 0.5, 2],
      [1, 0, 7],
      [-0.001, 1.5, -3.25],
    ],
    1,
  )
  // A cell more on each side.
  expect(grid.lattice).toEqual({ cellSize: 1, column: -2, row: -1, columns: 5, rows: 4 })
  expect([...grid.counts]).toEqual([0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
  expect([grid.means[7], grid.means[8], grid.means[11]]).toEqual([1.5, 7, -3.25])
  expect([grid.minima[7], grid.maxima[7]]).toEqual([1, 2])
})

test('a mean of heights in millimetres is the nearest double to the true mean', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -9_000_000, max: 9_000_000 }), { minLength: 1 }), async (heights) => {
      const points = heights.map((height): Point => [0.5, 0.5, height / 1000])
      const total = heights.reduce((sum, height) => sum + height, 0)
      expect((await gridOf(points, 1)).means[4]).toBeCloseTo(total / heights.length / 1000, 9)
    }),
  )
})

test('points in another order and in other batches give the same bits', async () => {
  const heights = fc.double({ min: -500, max: 9000, noNaN: true })
  const uneven = fc.array(fc.tuple(eighths, eighths, heights), { minLength: 1, maxLength: 80 })
  const shuffled = uneven.chain((points) =>
    fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })),
  )
  await fc.assert(
    fc.asyncProperty(shuffled, fc.integer({ min: 1, max: 90 }), async ([points, others], batch) => {
      expect(await gridOf(others, 2, batch)).toEqual(await gridOf(points, 2))
    }),
  )
})

test('moving everything by whole cells moves the lattice, and nothing in it', async () => {
  const cells = fc.integer({ min: -1_000_000, max: 1_000_000 })
  await fc.assert(
    fc.asyncProperty(cloud, cells, cells, async (points, east, north) => {
      const cellSize = 0.5
      const grid = await gridOf(points, cellSize)
      const moved = await gridOf(
        points.map(([x, y, z]): Point => [x + east * cellSize, y + north * cellSize, z]),
        cellSize,
      )
      const { column, row } = grid.lattice
      expect(moved).toEqual({ ...grid, lattice: { ...grid.lattice, column: column + east, row: row + north } })
      expect(volumeOver(moved, 1)).toEqual(volumeOver(grid, 1))
    }),
  )
})

describe('what can not be', () => {
  test.each([
    ['beside the lattice', [3.5, 0.5, 1]],
    ['below it', [0.5, -1.5, 1]],
    ['nowhere', [Number.NaN, 0.5, 1]],
    ['at no height', [0.5, 0.5, Number.NaN]],
    ['as high as the Moon', [0.5, 0.5, 384_000_000]],
  ] as [string, Point][])('a point %s', async (_title, point) => {
    const lattice = latticeOver(box(0, 0, 1.5, 1.5), 1)
    await expect(heightGridOf(inBatches([point]), lattice)).rejects.toThrow('A point lies outside')
  })

  test('too many cells: the size that would do is told, and does', () => {
    const wide = box(500_000, 4_000_000, 512_345, 4_004_321)
    expect(() => latticeOver(wide, 1)).toThrow('A cell size of 5.2 m would do.')
    expect(cellsOf(latticeOver(wide, 5.2))).toBeLessThanOrEqual(mostCells)
    expect(() => latticeOver(wide, 5.1)).toThrow(`at most ${mostCells} are made`)
  })

  test.each([0, -1, 0.009, 10_001, Number.NaN])('cells of %d m', (cellSize) => {
    expect(() => latticeOver(box(0, 0, 1, 1), cellSize)).toThrow("A cell's size is from 0.01 to 10000 m.")
  })
})

test('the cell size that would do has at most as many cells as asked for, wherever the scan lies', () => {
  const length = fc.double({ min: 0, max: 20_000, noNaN: true })
  const corner = fc.double({ min: -1e7, max: 1e7, noNaN: true })
  fc.assert(
    fc.property(
      corner,
      corner,
      length,
      length,
      fc.integer({ min: 25, max: mostCells }),
      (west, south, width, depth, most) => {
        const area = box(west, south, west + width, south + depth)
        const cellSize = cellSizeFor(area, most)
        expect(cellsOf(latticeOver(area, cellSize, most))).toBeLessThanOrEqual(most)
      },
    ),
  )
})
