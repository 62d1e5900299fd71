import { cellsOf, type Lattice } from './lattice.ts'
import { greatestHeight, type Points, UnfitPoints } from './points.ts'

/**
 * What the points in each cell of a lattice come to. Cells go row by row from the south, each row from the west. Heights
 * are metres; where a cell's count is 0 they mean nothing.
 */
export interface HeightGrid {
  readonly lattice: Lattice
  readonly counts: Uint32Array
  readonly means: Float64Array
  readonly minima: Float64Array
  readonly maxima: Float64Array
}

/** Heights are summed as whole metres and whole micrometres. */
export const micrometres = 1_000_000

/** While points come in, a cell's height is the sum of `means` (whole metres) and `parts` (micrometres beyond them). */
interface Sums extends HeightGrid {
  readonly parts: Float64Array
}

/**
 * Counts points into the cells of a lattice: mean, least and greatest height and number of points of each cell.
 *
 * A mean is exact for heights in whole micrometres, and at most half a micrometre off for others: both sums of a cell are
 * whole numbers below 2^53 for up to 2^33 points, so nothing is rounded until their quotient, and the same points in any
 * order and in any batches give the same bits.
 *
 * Points are in metres and inside the lattice, else it throws `UnfitPoints`: then a file's header lied about its bounds.
 */
export async function heightGridOf(batches: AsyncIterable<Points>, lattice: Lattice): Promise<HeightGrid> {
  const sums = emptySums(lattice)
  for await (const batch of batches) addPoints(sums, batch)
  return withMeans(sums)
}

/** How many cells have a point. */
export function occupiedCells({ counts }: HeightGrid): number {
  let occupied = 0
  for (const count of counts) if (count > 0) occupied += 1
  return occupied
}

function emptySums(lattice: Lattice): Sums {
  const cells = cellsOf(lattice)
  return {
    lattice,
    counts: new Uint32Array(cells),
    means: new Float64Array(cells),
    parts: new Float64Array(cells),
    minima: new Float64Array(cells).fill(Number.POSITIVE_INFINITY),
    maxima: new Float64Array(cells).fill(Number.NEGATIVE_INFINITY),
  }
}

function addPoints({ lattice, counts, means, parts, minima, maxima }: Sums, { length, x, y, z }: Points) {
  for (let at = 0; at < length; at += 1) {
    const height = z[at] as number
    const cell = cellOf(lattice, x[at] as number, y[at] as number)
    if (cell < 0 || !(Math.abs(height) <= greatestHeight))
      throw new UnfitPoints(`A point lies outside of what the scan says of itself: ${x[at]}, ${y[at]}, ${height} m.`)
    const metres = Math.floor(height)
    counts[cell] = (counts[cell] as number) + 1
    means[cell] = (means[cell] as number) + metres
    parts[cell] = (parts[cell] as number) + Math.round((height - metres) * micrometres)
    if (height < (minima[cell] as number)) minima[cell] = height
    if (height > (maxima[cell] as number)) maxima[cell] = height
  }
}

/** The index of the cell at a place in metres; -1: outside, or no number. */
function cellOf({ cellSize, column, row, columns, rows }: Lattice, x: number, y: number) {
  const east = Math.floor(x / cellSize) - column
  const north = Math.floor(y / cellSize) - row
  return east >= 0 && east < columns && north >= 0 && north < rows ? north * columns + east : -1
}

function withMeans({ parts, ...grid }: Sums): HeightGrid {
  const { counts, means } = grid
  for (let cell = 0; cell < counts.length; cell += 1) {
    const metres = (means[cell] as number) + (parts[cell] as number) / micrometres
    means[cell] = metres / (counts[cell] as number)
  }
  return grid
}
