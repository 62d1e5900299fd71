import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newFootprintSampler } from '../../../../src/domains/surveys/point-clouds/footprint-sample.ts'

type Pair = readonly [x: number, y: number]

function sampleOf(points: readonly Pair[]) {
  const [x, y] = [0, 1].map((axis) => Float64Array.from(points, (point) => point[axis] ?? 0)) as [
    Float64Array,
    Float64Array,
  ]
  const least = (values: Float64Array) => values.reduce((found, value) => Math.min(found, value))
  const most = (values: Float64Array) => values.reduce((found, value) => Math.max(found, value))
  const min = [least(x), least(y), 0] as const
  const max = [most(x), most(y), 0] as const
  const sampler = newFootprintSampler({ min, max })
  sampler.add({ length: points.length, x, y, z: new Float64Array(points.length) })
  return sampler.sample()
}

const pairs = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { minLength: 1 })

test('a sample is of the points, reaches their bounds, and is the same in any order of them', () => {
  fc.assert(
    fc.property(pairs, fc.infiniteStream(fc.nat()), (points, order) => {
      const sample = sampleOf(points)
      const all = new Set(points.map(String))
      expect([...sample.x].every((x, at) => all.has(String([x, sample.y[at]])))).toBe(true)
      expect([Math.min(...sample.x), Math.max(...sample.x)]).toEqual([
        Math.min(...points.map(([x]) => x)),
        Math.max(...points.map(([x]) => x)),
      ])
      const shuffled = points.map((point) => ({ point, key: order.next().value })).toSorted((a, b) => a.key - b.key)
      expect(sampleOf(shuffled.map(({ point }) => point))).toEqual(sample)
    }),
  )
})

test('of very many points few are kept, one in each cell', () => {
  const points = Array.from({ length: 200_000 }, (_, index): Pair => [index % 500, Math.floor(index / 500)])
  const sample = sampleOf(points)
  expect(sample.x.length).toBe(128 * 128 + 4)
  expect(sample.cell).toBeCloseTo(499 / 128)
})
