import { expect, test } from '@jest/globals'
import type { Lattice } from '../../../../src/domains/surveys/rules/lattice.ts'
import { type Mesh, mapPicture, type Picture } from '../../../../src/domains/surveys/rules/map-picture.ts'

const lattice: Lattice = { cellSize: 2, column: 10, row: 20, columns: 3, rows: 2 }

/** A map whose metres relate to the scan's as a function says, over its rectangle from (0, 0). */
function mesh(east: number, north: number, place: (x: number, y: number) => readonly [number, number], side = 3): Mesh {
  const steps = Array.from({ length: side }, (_, at) => at / (side - 1))
  const nodes = steps.flatMap((up) => steps.map((along) => place(along * east, up * north)))
  return { side, west: 0, south: 0, east, north, x: nodes.map(([x]) => x), y: nodes.map(([, y]) => y) }
}

const greys = ({ width, pixels }: Picture) =>
  Array.from({ length: pixels.length / 2 / width }, (_, line) =>
    Array.from({ length: width }, (_, at) => {
      const [grey, opacity] = pixels.subarray(2 * (line * width + at))
      return opacity === 0 ? null : grey
    }),
  )
const bright = (...values: (number | null)[]) => Float32Array.from(values, (value) => (value ?? Number.NaN) / 255)

test('a map that lies as the lattice does: a pixel a cell, the north on top, holes clear', () => {
  const same = mesh(6, 4, (x, y) => [20 + x, 40 + y])
  expect(greys(mapPicture(bright(10, 20, 30, 40, null, 60), lattice, same))).toEqual([
    [40, null, 60],
    [10, 20, 30],
  ])
})

test('a map that lies across it: what is beside the lattice is clear', () => {
  // Turned by a quarter: the map's east is the scan's north.
  const turned = mesh(4, 6, (x, y) => [26 - y, 40 + x])
  const picture = mapPicture(bright(10, 20, 30, 40, 50, 60), lattice, turned)
  expect([picture.width, picture.height]).toEqual([2, 3])
  expect(greys(picture)).toEqual([
    [10, 40],
    [20, 50],
    [30, 60],
  ])
})

test('between the middles of cells brightness is between theirs', () => {
  const shifted = mesh(6, 4, (x, y) => [21 + x, 40 + y])
  expect(greys(mapPicture(bright(10, 20, 40, 10, 20, 40), lattice, shifted))).toEqual([
    [15, 30, null],
    [15, 30, null],
  ])
})

test('a bent map is followed between nodes to within w^2 / 8 of its bend', () => {
  // x = X + X^2 / 1000 over 100 m: in squares of 100 / 16 m it is off by at most (100 / 16)^2 / 4000 = 0.01 m. Brightness
  // rises by one grey a metre, so that no pixel is off by one but where the true value lies at a half.
  const wide: Lattice = { cellSize: 1, column: 0, row: 0, columns: 112, rows: 1 }
  const bent = mesh(100, 1, (x, y) => [x + x ** 2 / 1000, y], 17)
  const { width, pixels } = mapPicture(
    Float32Array.from({ length: 112 }, (_, at) => (2 * at) / 255),
    wide,
    bent,
  )
  for (let pixel = 1; pixel < width - 1; pixel += 1) {
    const x = ((pixel + 0.5) / width) * 100
    const grey = 2 * (x + x ** 2 / 1000 - 0.5)
    expect(Math.abs((pixels[2 * pixel] ?? 0) - grey)).toBeLessThanOrEqual(0.5 + 2 * 0.01)
  }
})
