import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { differenceOf } from '../../../../src/domains/surveys/rules/difference.ts'
import { cone, flat, type Point, sampled, tilted } from './clouds.ts'
import { gridOf } from './grids.ts'

const none = { gain: 0, loss: 0, net: 0, onlyEarlierArea: 0, onlyLaterArea: 0 }

describe('known in closed form', () => {
  test('ground that rose by 2 m', async () => {
    const before = await gridOf(sampled(tilted(0.25), 10, 0.5), 1)
    const after = await gridOf(
      sampled((x) => 0.25 * x + 2, 10, 0.25),
      1,
    )
    expect(differenceOf(before, after)).toEqual({
      gain: 800,
      loss: 0,
      net: 800,
      comparedArea: 400,
      onlyEarlierArea: 0,
      onlyLaterArea: 0,
      meanDifference: 2,
      rootMeanSquareDifference: 2,
      leastDifference: 2,
      greatestDifference: 2,
    })
  })

  test('ground that tilted gains on one side what it loses on the other', async () => {
    const [half, slope, cellSize] = [10, 0.3, 0.5]
    const difference = differenceOf(
      await gridOf(sampled(flat(1), half, cellSize), cellSize),
      await gridOf(
        sampled((x) => slope * x + 1, half, cellSize),
        cellSize,
      ),
    )
    expect(difference.gain).toBeCloseTo(300, 9)
    expect(difference.loss).toBeCloseTo(300, 9)
    expect(difference.meanDifference).toBeCloseTo(0, 9)
    // The mean square of a line from -s L to s L is s^2 L^2 / 3; taken in the middles of cells of size c it is short of
    // that by s^2 c^2 / 12.
    expect(difference.rootMeanSquareDifference).toBeCloseTo(slope * Math.sqrt(half ** 2 / 3 - cellSize ** 2 / 12), 9)
  })

  test('a heap that was taken away', async () => {
    const [radius, height, spacing] = [8, 6, 0.25]
    const heap = await gridOf(sampled(cone(radius, height), 10, spacing), 0.5)
    const ground = await gridOf(sampled(flat(0), 10, spacing), 0.5)
    const { gain, loss } = differenceOf(heap, ground)
    // As for volumes: spacing x sqrt(2) x the integral of the slope, pi r h.
    expect(Math.abs(loss - (Math.PI * radius ** 2 * height) / 3)).toBeLessThan(
      spacing * Math.SQRT2 * Math.PI * radius * height,
    )
    expect(gain).toBe(0)
  })

  test('only where both have points; the rest is told as area', async () => {
    const before = await gridOf(sampled(flat(1), 10, 1), 1)
    const after = await gridOf(
      sampled(flat(4), 10, 1).map(([x, y, z]): Point => [x + 15, y - 12, z]),
      1,
    )
    expect(differenceOf(before, after)).toMatchObject({
      gain: 3 * 5 * 8,
      comparedArea: 40,
      onlyEarlierArea: 360,
      onlyLaterArea: 360,
    })
  })

  test('scans that lie apart have nothing to compare', async () => {
    const far = sampled(flat(1), 2, 1).map(([x, y, z]): Point => [x + 100, y, z])
    const difference = differenceOf(await gridOf(sampled(flat(1), 2, 1), 1), await gridOf(far, 1))
    const unknown = {
      meanDifference: null,
      rootMeanSquareDifference: null,
      leastDifference: null,
      greatestDifference: null,
    }
    expect(difference).toEqual({ ...none, ...unknown, comparedArea: 0, onlyEarlierArea: 16, onlyLaterArea: 16 })
  })
})

const tenths = fc.integer({ min: -50, max: 50 }).map((value) => value / 10)
const cloud = fc.array(fc.tuple(tenths, tenths, tenths), { minLength: 1, maxLength: 60 })

test('nothing differs from itself', async () => {
  await fc.assert(
    fc.asyncProperty(cloud, async (points) => {
      const grid = await gridOf(points, 0.7)
      const zero = { meanDifference: 0, rootMeanSquareDifference: 0, leastDifference: 0, greatestDifference: 0 }
      expect(differenceOf(grid, grid)).toMatchObject({ ...none, ...zero })
    }),
  )
})

test('seen from the other side, gain is loss', async () => {
  await fc.assert(
    fc.asyncProperty(cloud, cloud, async (before, after) => {
      const [one, other] = [await gridOf(before, 2), await gridOf(after, 2)]
      const [there, back] = [differenceOf(one, other), differenceOf(other, one)]
      expect(back.gain).toBe(there.loss)
      expect(back.loss).toBe(there.gain)
      expect(back.rootMeanSquareDifference).toBe(there.rootMeanSquareDifference)
      expect(back.onlyEarlierArea).toBe(there.onlyLaterArea)
    }),
  )
})

test('grids of two cell sizes are not compared', async () => {
  const points = sampled(flat(1), 2, 1)
  const [coarse, fine] = [await gridOf(points, 2), await gridOf(points, 1)]
  expect(() => differenceOf(coarse, fine)).toThrow('cells of two sizes')
})
