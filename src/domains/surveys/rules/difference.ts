import { type HeightGrid, occupiedCells } from './height-grid.ts'
import { cellArea, type Lattice } from './lattice.ts'
import { runningSum } from './sums.ts'

/** How a later scan differs from an earlier one. Volumes are cubic metres, areas square metres, heights metres. */
export interface DifferenceModel {
  /** Where the later one is higher; never negative, as `loss`. */
  readonly gain: number
  readonly loss: number
  /** `gain - loss`. */
  readonly net: number
  /** Of the cells that have points in both. */
  readonly comparedArea: number
  readonly onlyEarlierArea: number
  readonly onlyLaterArea: number
  /** Of later minus earlier heights, over the compared cells; null, as those below, when none is. */
  readonly meanDifference: number | null
  /** Root of the mean square. */
  readonly rootMeanSquareDifference: number | null
  readonly leastDifference: number | null
  readonly greatestDifference: number | null
}

/**
 * The difference of two scans' grids, cell by cell: d = later mean - earlier mean, where both have points, in surveying a
 * DEM of difference (Wheaton and others, Accounting for uncertainty in DEMs from repeat topographic surveys, Earth Surface
 * Processes and Landforms 35, 2010; no uncertainty is taken off here). gain = a sum(max(0, d)), loss = a sum(max(0, -d)),
 * mean = sum(d) / k, RMS = sqrt(sum(d^2) / k) over the k compared cells of area a.
 *
 * Both lie on one lattice, which begins at coordinate 0 (see `Lattice`), so no grid is resampled. Cells are summed row by
 * row from the south-west of where the lattices overlap (`runningSum`). Throws when the cell sizes are not the same.
 */
export function differenceOf(earlier: HeightGrid, later: HeightGrid): DifferenceModel {
  if (earlier.lattice.cellSize !== later.lattice.cellSize) throw new RangeError('The grids have cells of two sizes.')
  const { cells, gain, loss, squares, minimum, maximum } = compare(earlier, later)
  const area = cellArea(earlier.lattice)
  return {
    gain: gain * area,
    loss: loss * area,
    net: (gain - loss) * area,
    comparedArea: cells * area,
    onlyEarlierArea: (occupiedCells(earlier) - cells) * area,
    onlyLaterArea: (occupiedCells(later) - cells) * area,
    meanDifference: cells === 0 ? null : (gain - loss) / cells,
    rootMeanSquareDifference: cells === 0 ? null : Math.sqrt(squares / cells),
    leastDifference: cells === 0 ? null : minimum,
    greatestDifference: cells === 0 ? null : maximum,
  }
}

/** Sums of metres over the cells that have points in both. */
function compare(earlier: HeightGrid, later: HeightGrid) {
  const [gain, loss, squares] = [runningSum(), runningSum(), runningSum()]
  let [cells, minimum, maximum] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const { column, row, columns, rows } = overlap(earlier.lattice, later.lattice)
  for (let north = row; north < row + rows; north += 1) {
    const [from, to] = [cellAt(earlier.lattice, column, north), cellAt(later.lattice, column, north)]
    for (let east = 0; east < columns; east += 1) {
      if (earlier.counts[from + east] === 0 || later.counts[to + east] === 0) continue
      const difference = (later.means[to + east] as number) - (earlier.means[from + east] as number)
      if (difference > 0) gain.add(difference)
      else loss.add(-difference)
      squares.add(difference * difference)
      minimum = Math.min(minimum, difference)
      maximum = Math.max(maximum, difference)
      cells += 1
    }
  }
  return { cells, gain: gain.total(), loss: loss.total(), squares: squares.total(), minimum, maximum }
}

/** The columns and rows that both have; `columns` or `rows` is not above 0 when there are none. */
function overlap(one: Lattice, other: Lattice) {
  const column = Math.max(one.column, other.column)
  const row = Math.max(one.row, other.row)
  return {
    column,
    row,
    columns: Math.min(one.column + one.columns, other.column + other.columns) - column,
    rows: Math.min(one.row + one.rows, other.row + other.rows) - row,
  }
}

/** The index of a cell that is counted from coordinate 0. */
function cellAt(lattice: Lattice, column: number, row: number) {
  return (row - lattice.row) * lattice.columns + column - lattice.column
}
