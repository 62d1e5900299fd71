import { gapsOf } from './gaps.ts'
import { type HeightGrid, occupiedCells } from './height-grid.ts'
import { cellArea } from './lattice.ts'
import { runningSum } from './sums.ts'

/** What lies between a scan's surface and a level base. Volumes are cubic metres, areas square metres. */
export interface VolumeModel {
  /** Of what stands above the base: to be cut to come down to it. Never negative, as `fill`. */
  readonly cut: number
  /** Of what is missing below the base: to be filled to come up to it. */
  readonly fill: number
  /** `cut - fill`. */
  readonly net: number
  readonly occupiedCells: number
  /** Over which the volume was taken. */
  readonly occupiedArea: number
  /** Of the cells without points in the rectangle that the others span. */
  readonly emptyArea: number
  /** Of those without points that cells with points enclose: holes, whose volume is in no figure. */
  readonly enclosedEmptyArea: number
}

/**
 * Volume over a base height b (metres) by the grid method, in surveying the unit-area or borrow-pit method (Ghilani and
 * Wolf, Elementary Surveying, Volumes): each cell is a prism of area a and height h - b, h its mean height.
 * cut = a sum(max(0, h - b)), fill = a sum(max(0, b - h)), over cells that have points. Empty cells are not guessed, and a
 * cell on the scan's edge counts as a whole: both areas are said.
 *
 * Against the true volume of a surface f over the same cells the error is at most a sum(osc f), osc being how far f varies
 * within a cell: about s sqrt(2) times the integral of |grad f|, for cell size s. A plane sampled evenly has none.
 *
 * Cells are summed row by row from the south-west with what rounding takes from each addition (`runningSum`).
 */
export function volumeOver(grid: HeightGrid, baseHeight: number): VolumeModel {
  const { counts, means, lattice } = grid
  const [above, below] = [runningSum(), runningSum()]
  for (let cell = 0; cell < counts.length; cell += 1) {
    if (counts[cell] === 0) continue
    const height = (means[cell] as number) - baseHeight
    if (height > 0) above.add(height)
    else below.add(-height)
  }
  const area = cellArea(lattice)
  const cut = above.total() * area
  const fill = below.total() * area
  const occupied = occupiedCells(grid)
  const { empty, enclosed } = gapsOf(grid)
  return {
    cut,
    fill,
    net: cut - fill,
    occupiedCells: occupied,
    occupiedArea: occupied * area,
    emptyArea: empty * area,
    enclosedEmptyArea: enclosed * area,
  }
}
