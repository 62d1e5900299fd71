import { type HeightGrid, occupiedCells } from './height-grid.ts'
import { cellArea } from './lattice.ts'

/** How close the points of a scan lie. Areas are square metres. */
export interface DensityModel {
  readonly pointCount: number
  readonly footprintArea: number
  /** Points per square metre of the footprint. */
  readonly perSquareMetre: number
  /** Metres: the spacing that as many points in a square lattice would have. */
  readonly nominalSpacing: number
  readonly occupiedCells: number
  readonly occupiedArea: number
  /** Points per square metre of the cells that have any. */
  readonly perOccupiedSquareMetre: number
  /** Points in one cell, among those that have any. */
  readonly fewestPerCell: number
  readonly medianPerCell: number
  readonly mostPerCell: number
}

/**
 * Point density, in two ways: n / A over the area A of the footprint, and n / (k a) over the k occupied cells of area a.
 * The first falls with every gap, the second does not: together they tell sparse from patchy. Nominal spacing is
 * 1 / sqrt(n / A). (USGS, Lidar Base Specification, Techniques and Methods 11-B4: aggregate nominal pulse density and
 * spacing, and how evenly points are spread by the cells of a lattice that have any; ASPRS, Positional Accuracy Standards
 * for Digital Geospatial Data. Both count pulses by their last or first returns; this counts all points of the scan.)
 *
 * `footprintArea`: square metres, above 0. The median of an even number of cells is the mean of the middle two.
 */
export function densityOf(grid: HeightGrid, footprintArea: number): DensityModel {
  const perCell = grid.counts.filter((count) => count > 0).sort()
  const occupied = occupiedCells(grid)
  const pointCount = perCell.reduce((total, count) => total + count, 0)
  const occupiedArea = occupied * cellArea(grid.lattice)
  const perSquareMetre = pointCount / footprintArea
  return {
    pointCount,
    footprintArea,
    perSquareMetre,
    nominalSpacing: 1 / Math.sqrt(perSquareMetre),
    occupiedCells: occupied,
    occupiedArea,
    perOccupiedSquareMetre: pointCount / occupiedArea,
    fewestPerCell: perCell[0] ?? 0,
    medianPerCell: median(perCell),
    mostPerCell: perCell.at(-1) ?? 0,
  }
}

function median(sorted: Uint32Array) {
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
