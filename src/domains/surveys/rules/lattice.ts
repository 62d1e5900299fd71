import { badUserInput } from '../../../platform/graphql/errors.ts'
import type { Box } from './points.ts'

/**
 * Square cells over a scan. Column and row 0 begin at coordinate 0 of the scan's own system, so all lattices of one cell
 * size lie on each other: cell (c, r) holds the points with `c = floor(x / cellSize)` and `r = floor(y / cellSize)`, its
 * western and southern edges in.
 */
export interface Lattice {
  /** Metres. */
  readonly cellSize: number
  /** The westernmost column and the southernmost row, counted from coordinate 0. */
  readonly column: number
  readonly row: number
  readonly columns: number
  readonly rows: number
}

/** Cells that one lattice may have: 1.4 km x 1.4 km in cells of a metre, 72 MB while points are counted into it. */
export const mostCells = 2_000_000

/** Metres: what a calculation takes as cell size. */
export const smallestCell = 0.01
export const largestCell = 10_000

export function cellsOf({ columns, rows }: Lattice) {
  return columns * rows
}

/** Square metres of one cell. */
export function cellArea({ cellSize }: Lattice) {
  return cellSize * cellSize
}

/**
 * The lattice over a box in metres, and a cell more on each side: bounds that a file gives of itself are rounded. Throws
 * BAD_USER_INPUT when it had too many cells, with the cell size that would do.
 */
export function latticeOver(box: Box, cellSize: number, most = mostCells): Lattice {
  if (!(cellSize >= smallestCell && cellSize <= largestCell))
    throw badUserInput(`A cell's size is from ${smallestCell} to ${largestCell} m.`, {
      reason: 'OUT_OF_RANGE',
      field: 'input.cellSize',
    })
  const lattice = latticeOf(box, cellSize)
  if (cellsOf(lattice) <= most) return lattice
  throw badUserInput(
    `Cells of ${cellSize} m would be ${cellsOf(lattice)} over this scan; at most ${most} are made. A cell size of ${cellSizeFor(box, most)} m would do.`,
    { reason: 'OUT_OF_RANGE', field: 'input.cellSize' },
  )
}

/** The smallest cell size of two digits, in metres, whose lattice over the box has at most so many cells. */
export function cellSizeFor(box: Box, most: number): number {
  const least = Math.sqrt(((box.east - box.west) * (box.north - box.south)) / most)
  let cellSize = roundedUp(Math.max(smallestCell, least))
  while (cellsOf(latticeOf(box, cellSize)) > most) cellSize = roundedUp(cellSize * 1.01)
  return cellSize
}

/** The next size of two digits, as a person would write it. */
export function roundedUp(size: number): number {
  const step = 10 ** (Math.floor(Math.log10(size)) - 1)
  // Less a trifle, for what is round already is not always so in binary fractions.
  return Number((Math.ceil(size / step - 1e-9) * step).toPrecision(3))
}

function latticeOf(box: Box, cellSize: number): Lattice {
  const column = Math.floor(box.west / cellSize) - 1
  const row = Math.floor(box.south / cellSize) - 1
  return {
    cellSize,
    column,
    row,
    columns: Math.floor(box.east / cellSize) + 2 - column,
    rows: Math.floor(box.north / cellSize) + 2 - row,
  }
}
