import type { HeightGrid } from './height-grid.ts'
import { type Lattice, largestCell, latticeOver, roundedUp, smallestCell } from './lattice.ts'
import type { Box } from './points.ts'

/** A scan's surface, small enough for a picture. */
export interface Relief {
  readonly lattice: Lattice
  /** Metres, row by row from the south, each row from the west; NaN: there are no points. */
  readonly heights: Float32Array
}

/** Cells along the longer side of a relief, at most. */
export const mostReliefCells = 512

/**
 * The lattice over a box in metres for a relief of so many points: cells at least twice as wide as points lie apart (so that
 * nearly all have some; USGS, Lidar Base Specification, as in `densityOf`), and no more of them than a picture takes.
 */
export function reliefLattice(box: Box, pointCount: number): Lattice {
  const [width, depth] = [box.east - box.west, box.north - box.south]
  const apart = Math.sqrt((width * depth) / Math.max(1, pointCount))
  // A lattice has up to four cells more than fit into the box.
  const least = Math.max(smallestCell, 2 * apart, Math.max(width, depth) / (mostReliefCells - 4))
  return latticeOver(box, Math.min(largestCell, roundedUp(least)), mostReliefCells ** 2)
}

/** The mean heights of a grid as a relief, in single precision. */
export function reliefOf({ lattice, counts, means }: HeightGrid): Relief {
  return { lattice, heights: Float32Array.from(means, (mean, cell) => (counts[cell] === 0 ? Number.NaN : mean)) }
}

/** Degrees: where the light comes from, clockwise from north, and how high it stands. */
export interface Light {
  readonly azimuth: number
  readonly altitude: number
}

/** From the north-west, as relief is drawn since there are maps: from elsewhere many see hills as hollows. */
const fromNorthWest: Light = { azimuth: 315, altitude: 45 }

/**
 * How bright each cell of a relief is, 0 to 1, in its order; NaN where it has no height. The surface is matt: its brightness
 * is the cosine of the angle between its normal and the light, 0 in its own shadow (Lambert), which for slopes p = dz/dx to
 * the east and q = dz/dy to the north is (sin h - (p sin a + q cos a) cos h) / sqrt(1 + p^2 + q^2) for a light of azimuth a
 * and altitude h. p and q are weighted over the eight neighbours: p = ((ne + 2 e + se) - (nw + 2 w + sw)) / 8 s, q likewise,
 * for cells of size s (Horn, Hill Shading and the Reflectance Map, Proceedings of the IEEE 69, 1981).
 *
 * A neighbour without height is taken to continue the line from the one opposite; if that has none either, a corner the
 * plane of those beside it, and any other to be level. So a plane is equally bright up to its edges. Nothing throws a shadow
 * on anything else.
 */
export function hillshade({ lattice, heights }: Relief, light: Light = fromNorthWest): Float32Array {
  const { columns, rows, cellSize } = lattice
  const [a, h] = [radians(light.azimuth), radians(light.altitude)]
  const [east, north, up] = [Math.sin(a) * Math.cos(h), Math.cos(a) * Math.cos(h), Math.sin(h)]
  const bright = new Float32Array(heights.length).fill(Number.NaN)
  // North-west, north, north-east, west, east, south-west, south, south-east: written over for each cell.
  const around = new Float64Array(8)
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const cell = row * columns + column
      if (Number.isNaN(heights[cell])) continue
      readAround(around, heights, columns, rows, column, row)
      const p = (rise(around, 2, 4, 7) - rise(around, 0, 3, 5)) / (8 * cellSize)
      const q = (rise(around, 0, 1, 2) - rise(around, 5, 6, 7)) / (8 * cellSize)
      bright[cell] = Math.max(0, (up - p * east - q * north) / Math.sqrt(1 + p * p + q * q))
    }
  return bright
}

/** Three neighbours on one side, the middle one of them counted twice. */
function rise(around: Float64Array, one: number, middle: number, other: number): number {
  return (around[one] as number) + 2 * (around[middle] as number) + (around[other] as number)
}

/** The heights of the eight neighbours of a cell that has one. */
function readAround(
  around: Float64Array,
  heights: Float32Array,
  columns: number,
  rows: number,
  column: number,
  row: number,
): void {
  let at = 0
  let isWhole = true
  for (let north = 1; north >= -1; north -= 1)
    for (let east = -1; east <= 1; east += 1) {
      if (north === 0 && east === 0) continue
      const toColumn = column + east
      const toRow = row + north
      const isInside = toColumn >= 0 && toColumn < columns && toRow >= 0 && toRow < rows
      const height = isInside ? (heights[toRow * columns + toColumn] as number) : Number.NaN
      isWhole &&= !Number.isNaN(height)
      around[at] = height
      at += 1
    }
  if (!isWhole) continueAround(around, heights[row * columns + column] as number)
}

/** Gives a height to neighbours that have none. */
function continueAround(around: Float64Array, middle: number): void {
  const known = Float64Array.from(around)
  const continued = (at: number) => {
    const [height, opposite] = [known[at] as number, known[7 - at] as number]
    return Number.isNaN(height) ? 2 * middle - opposite : height
  }
  const orMiddle = (height: number) => (Number.isNaN(height) ? middle : height)
  const [n, w, e, s] = [1, 3, 4, 6].map((at) => orMiddle(continued(at))) as [number, number, number, number]
  const corner = (at: number, beside: number) => {
    const height = continued(at)
    return Number.isNaN(height) ? beside - middle : height
  }
  around.set([corner(0, n + w), n, corner(2, n + e), w, e, corner(5, s + w), s, corner(7, s + e)])
}

function radians(degrees: number) {
  return (degrees * Math.PI) / 180
}
