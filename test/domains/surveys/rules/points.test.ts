import { expect, test } from '@jest/globals'
import { boxInMetres, inMetres, metresPerDegree } from '../../../../src/domains/surveys/rules/points.ts'
import { inBatches, type Point } from './clouds.ts'

// Lengths of a degree on WGS 84, by the National Geospatial-Intelligence Agency's tables.
test.each([
  [0, 111_319.491, 110_574.276],
  [45, 78_846.806, 111_131.778],
  [-60, 55_800.0, 111_412.24],
  [89.9, 194.969, 111_693.92],
])('a degree at latitude %d', (latitude, longitude, along) => {
  const metres = metresPerDegree(latitude)
  expect(Math.abs(metres.x - longitude)).toBeLessThan(1)
  expect(Math.abs(metres.y - along)).toBeLessThan(1)
})

test('points come in metres, batch by batch, and nothing beyond what is meant', async () => {
  const points = Array.from({ length: 10 }, (_, at): Point => [at, -at, at / 2])
  const seen: Point[] = []
  for await (const { length, x, y, z } of inMetres(inBatches(points, 4), { x: 0.5, y: 2, z: 4 }))
    for (let at = 0; at < length; at += 1) seen.push([Number(x[at]), Number(y[at]), Number(z[at])])
  expect(seen).toEqual(points.map(([x, y, z]) => [x * 0.5, y * 2, z * 4]))
})

test('heights of hundreds of kilometres are of a wrong unit', () => {
  const box = { west: 0, south: 0, east: 1, north: 1, low: 0, high: 150 }
  expect(boxInMetres(box, { x: 2, y: 3, z: 1 })).toEqual({ west: 0, south: 0, east: 2, north: 3, low: 0, high: 150 })
  expect(() => boxInMetres(box, { x: 1, y: 1, z: 1000 })).toThrow('is its unit right?')
})
