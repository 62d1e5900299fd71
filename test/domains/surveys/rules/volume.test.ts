import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { volumeOver } from '../../../../src/domains/surveys/rules/volume.ts'
import { cone, flat, hemisphere, type Point, sampled, tilted, within } from './clouds.ts'
import { gridOf } from './grids.ts'

/** Doubles carry 15 digits; volumes here are below 10^5. */
const rounding = 1e-9

describe('a plane', () => {
  test('a slab of 20 m x 20 m stands 3 m above its base', async () => {
    const grid = await gridOf(sampled(flat(5), 10, 0.25), 0.5)
    expect(volumeOver(grid, 2)).toEqual({
      cut: 1200,
      fill: 0,
      net: 1200,
      occupiedCells: 1600,
      occupiedArea: 400,
      emptyArea: 0,
      enclosedEmptyArea: 0,
    })
  })

  test('below the base it is fill', async () => {
    expect(volumeOver(await gridOf(sampled(flat(5), 10, 0.5), 1), 6)).toMatchObject({ cut: 0, fill: 400, net: -400 })
  })

  test('a tilted one cuts and fills the same: slope x half^2 / 2 x width, exactly, for its cells are symmetrical', async () => {
    const volume = volumeOver(await gridOf(sampled(tilted(0.3), 10, 0.5), 1), 0)
    // A wedge of each side: 0.3 x 10^2 / 2 x 20. The mean of a cell is the plane's height in its middle, and heights in
    // whole micrometres are summed exactly.
    expect(volume.cut).toBeCloseTo(300, 9)
    expect(volume.fill).toBeCloseTo(300, 9)
    expect(volume.net).toBeCloseTo(0, 9)
  })

  test('a tilted one that stands above the base holds its middle height over its area', async () => {
    // The same plane, 3 m higher: it stands wholly above 0 and holds 3 x 400.
    const raised = sampled((x) => 0.3 * x + 3, 10, 0.5)
    expect(volumeOver(await gridOf(raised, 1), 0).net).toBeCloseTo(1200, 9)
  })
})

/**
 * The tolerance. A cell's prism is as high as the mean of the points in it, and the true one as the surface's mean there:
 * the two differ by no more than the surface varies in the cell, which is at most its diagonal x the steepest slope in it.
 * Over all cells that comes to s sqrt(2) x the integral of |grad f|, with s the side of the squares that the points stand
 * for, at most the cell size.
 */
describe.each([
  [1, 1],
  [1, 0.25],
  [0.5, 0.25],
])('cells of %d m, a point each %d m', (cellSize, spacing) => {
  test('a cone holds pi r^2 h / 3', async () => {
    const [radius, height] = [20, 12]
    // |grad f| = h / r over the disc: its integral is pi r h.
    const tolerance = spacing * Math.SQRT2 * Math.PI * radius * height
    const { cut, fill } = volumeOver(await gridOf(sampled(cone(radius, height), 24, spacing), cellSize), 0)
    expect(Math.abs(cut - (Math.PI * radius ** 2 * height) / 3)).toBeLessThan(tolerance)
    expect(fill).toBe(0)
  })

  test('half a ball holds 2 pi r^3 / 3', async () => {
    const radius = 20
    // |grad f| = p / sqrt(r^2 - p^2) at distance p: its integral over the disc is pi^2 r^2 / 2.
    const tolerance = spacing * Math.SQRT2 * (Math.PI ** 2 / 2) * radius ** 2
    const { cut } = volumeOver(await gridOf(sampled(hemisphere(radius), 24, spacing), cellSize), 0)
    expect(Math.abs(cut - (2 * Math.PI * radius ** 3) / 3)).toBeLessThan(tolerance)
  })

  test('errors of evenly spread points cancel: a hundredth of the bound is kept', async () => {
    const radius = 20
    const exact = (2 * Math.PI * radius ** 3) / 3
    const { cut } = volumeOver(await gridOf(sampled(hemisphere(radius), 24, spacing), cellSize), 0)
    expect(Math.abs(cut - exact) / exact).toBeLessThan(0.002 * spacing)
  })
})

describe('what is not there', () => {
  test('a hole is not guessed: its area is told, and what surrounds the scan is told apart', async () => {
    // A disc of radius 10 with a hole of radius 4, one point a cell of 1 m.
    const ring = sampled((x, y) => (Math.hypot(x, y) < 4 ? null : within(10, flat(2))(x, y)), 10, 1)
    const volume = volumeOver(await gridOf(ring, 1), 0)
    const middles = (radius: number) => sampled(within(radius, flat(0)), 10, 1).length
    expect(volume).toMatchObject({
      cut: 2 * (middles(10) - middles(4)),
      occupiedArea: middles(10) - middles(4),
      enclosedEmptyArea: middles(4),
      emptyArea: 400 - middles(10) + middles(4),
    })
  })

  test('a bay that is open to the outside is no hole, and a corner does not open one', async () => {
    const plan = ['#####', '#.#.#', '#.##.', '#.###', '#.###']
    const points = plan.flatMap((line, row) =>
      [...line].flatMap((mark, column): Point[] => (mark === '#' ? [[column + 0.5, row + 0.5, 1]] : [])),
    )
    expect(volumeOver(await gridOf(points, 1), 0)).toMatchObject({ emptyArea: 6, enclosedEmptyArea: 1 })
  })
})

const height = fc.integer({ min: -50_000, max: 50_000 }).map((millimetres) => millimetres / 1000)
const place = fc.integer({ min: -40, max: 40 }).map((eighths) => eighths / 8)
const points = fc.array(fc.tuple(place, place, height), { minLength: 1, maxLength: 60 })

test('volume adds up in the base height: raising the base by d takes d x the occupied area', async () => {
  await fc.assert(
    fc.asyncProperty(points, height, height, async (cloud, low, high) => {
      const grid = await gridOf(cloud, 0.5)
      const [under, over] = [volumeOver(grid, low), volumeOver(grid, high)]
      expect(under.net - over.net).toBeCloseTo((high - low) * under.occupiedArea, 6)
    }),
  )
})

test('cut and fill change places when everything is turned upside down', async () => {
  await fc.assert(
    fc.asyncProperty(points, height, async (cloud, base) => {
      const turned = cloud.map(([x, y, z]): Point => [x, y, -z])
      const [up, down] = [volumeOver(await gridOf(cloud, 0.5), base), volumeOver(await gridOf(turned, 0.5), -base)]
      expect(Math.abs(down.cut - up.fill)).toBeLessThan(rounding)
      expect(Math.abs(down.fill - up.cut)).toBeLessThan(rounding)
    }),
  )
})
