import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { heightClasses, heightsOf } from '../../../../src/domains/surveys/rules/heights.ts'
import { boxOf, hemisphere, inBatches, type Point, sampled, tilted, within } from './clouds.ts'

/** Each run walks through a million classes. */
const manyClasses = { numRuns: 20 }
const deciles = [0, 10, 25, 50, 75, 90, 95, 100]
const heights = (points: readonly Point[], percents: readonly number[]) =>
  heightsOf(inBatches(points, 7000), boxOf(points), percents)

/** Definition 7 as it is written, over sorted heights. */
function plainly(sorted: readonly number[], percent: number) {
  const position = ((sorted.length - 1) * percent) / 100
  const [below = 0, above = below] = [sorted[Math.floor(position)], sorted[Math.floor(position) + 1]]
  return below + (position - Math.floor(position)) * (above - below)
}

describe('known in closed form', () => {
  test('an even slope has its percentiles on a line', async () => {
    const answer = await heights(sampled(tilted(0.5), 10, 0.25), deciles)
    expect(answer).toMatchObject({ pointCount: 6400, minimum: -4.9375, maximum: 4.9375, mean: 0 })
    // 80 heights, 0.125 m apart: x((n - 1) p) is on the step at p, which is at most one step from the line.
    for (const { percent, height, errorBound } of answer.percentiles) {
      expect(Math.abs(height - (percent / 10 - 5) * 0.9875)).toBeLessThanOrEqual(0.125)
      expect(errorBound).toBe(0)
    }
  })

  test('over the disc of half a ball, the share of heights up to h is h^2 / r^2', async () => {
    const [radius, spacing] = [10, 0.05]
    const { percentiles, mean } = await heights(
      sampled(within(radius, hemisphere(radius)), radius, spacing),
      [25, 50, 75],
    )
    // The share of a disc of circumference c that is counted wrongly at its rim: at most c x diagonal / area, in practice
    // far less; dh/dp = r / (2 sqrt p) is at most r here.
    const tolerance = ((2 * Math.PI * radius * spacing * Math.SQRT2) / (Math.PI * radius ** 2)) * radius
    for (const { percent, height } of percentiles)
      expect(Math.abs(height - radius * Math.sqrt(percent / 100))).toBeLessThan(tolerance)
    expect(Math.abs(mean - (2 / 3) * radius)).toBeLessThan(tolerance)
  })

  test('one point is all percentiles', async () => {
    const { percentiles, mean } = await heights([[1, 1, 4.2]], [0, 33, 100])
    expect(percentiles.map(({ height }) => height)).toEqual([4.2, 4.2, 4.2])
    expect(mean).toBe(4.2)
  })
})

test('percentiles in millimetres are those of definition 7, without error', async () => {
  const height = fc.integer({ min: -400_000, max: 600_000 }).map((value) => value / 1000)
  await fc.assert(
    fc.asyncProperty(fc.array(height, { minLength: 1 }), fc.integer({ min: 0, max: 1000 }), async (values, tenths) => {
      const sorted = values.toSorted((one, other) => one - other)
      const [answer] = (
        await heights(
          values.map((z): Point => [0, 0, z]),
          [tenths / 10],
        )
      ).percentiles
      expect(answer?.errorBound).toBe(0)
      expect(answer?.height).toBeCloseTo(plainly(sorted, tenths / 10), 9)
    }),
    manyClasses,
  )
})

test('heights closer than the classes are off by no more than is said, and no less is said', async () => {
  const crowded = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 })
  let inexact = 0
  await fc.assert(
    fc.asyncProperty(crowded, fc.integer({ min: 0, max: 100 }), async (steps, percent) => {
      // All but two lie in one or two classes of a millimetre.
      const values = [0, ...steps.map((step) => 500 + step * 5e-5), heightClasses / 1000]
      const sorted = values.toSorted((one, other) => one - other)
      const [answer] = (
        await heights(
          values.map((z): Point => [0, 0, z]),
          [percent],
        )
      ).percentiles
      const { height, errorBound } = answer ?? { height: Number.NaN, errorBound: 0 }
      expect(Math.abs(height - plainly(sorted, percent))).toBeLessThanOrEqual(errorBound + 1e-9)
      expect(errorBound).toBeLessThanOrEqual(0.0005 + 1e-9)
      if (errorBound > 0) inexact += 1
    }),
    manyClasses,
  )
  expect(inexact).toBeGreaterThan(0)
})

test('another order of the points gives the same bits', async () => {
  const height = fc.double({ min: -100, max: 100, noNaN: true })
  const both = fc
    .array(height, { minLength: 1 })
    .chain((values) => fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length })))
  await fc.assert(
    fc.asyncProperty(both, async ([values, others]) => {
      const answer = (list: number[]) =>
        heights(
          list.map((z): Point => [0, 0, z]),
          deciles,
        )
      expect(await answer(others)).toEqual(await answer(values))
    }),
    manyClasses,
  )
})

test('heights a little beyond the bounds that a file gives of itself count as any', async () => {
  const points = [-0.005, 0, 4, 10, 10.004].map((z): Point => [0, 0, z])
  const { minimum, maximum, percentiles } = await heightsOf(inBatches(points), { low: 0, high: 10 }, [25, 50, 75])
  expect([minimum, ...percentiles.map(({ height }) => height), maximum]).toEqual([-0.005, 0, 4, 10, 10.004])
})

test('no number and no points are refused', async () => {
  const bounds = { low: 0, high: 10 }
  await expect(heightsOf(inBatches([[0, 0, Number.NaN]]), bounds, [50])).rejects.toThrow('NaN m is no height.')
  await expect(heightsOf(inBatches([]), bounds, [50])).rejects.toThrow('The scan has no points.')
})
