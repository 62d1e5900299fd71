import type { HeightGrid } from './height-grid.ts'

/** Cells without points in the rectangle that those with points span. */
export interface Gaps {
  readonly empty: number
  /** Of these, how many lie where no way over empty cells, edge to edge, leads out: holes in the scan, not its surroundings. */
  readonly enclosed: number
}

/** Cells of a grid by column and row, both ends in. */
interface Extent {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

export function gapsOf(grid: HeightGrid): Gaps {
  const extent = extentOf(grid)
  const { counts } = grid
  const { columns } = grid.lattice
  let empty = 0
  for (let row = extent.south; row <= extent.north; row += 1)
    for (let column = extent.west; column <= extent.east; column += 1)
      if (counts[row * columns + column] === 0) empty += 1
  return { empty, enclosed: empty - surroundings(grid, extent) }
}

/** The least rectangle with all cells that have points; nothing when there are none. */
function extentOf({ lattice: { columns }, counts }: HeightGrid): Extent {
  let [west, south, east, north] = [columns, counts.length, -1, -1]
  for (let cell = 0; cell < counts.length; cell += 1) {
    if (counts[cell] === 0) continue
    const [column, row] = [cell % columns, Math.floor(cell / columns)]
    west = Math.min(west, column)
    south = Math.min(south, row)
    east = Math.max(east, column)
    north = Math.max(north, row)
  }
  return { west, south, east, north }
}

/** How many empty cells are reached from the extent's rim. */
function surroundings({ lattice: { columns }, counts }: HeightGrid, { west, south, east, north }: Extent): number {
  const reached = new Uint8Array(counts.length)
  const waiting: number[] = []
  let outside = 0
  const visit = (column: number, row: number) => {
    const cell = row * columns + column
    if (column < west || column > east || row < south || row > north || counts[cell] !== 0 || reached[cell] !== 0)
      return
    reached[cell] = 1
    outside += 1
    waiting.push(cell)
  }
  for (let column = west; column <= east; column += 1) for (const row of [south, north]) visit(column, row)
  for (let row = south; row <= north; row += 1) for (const column of [west, east]) visit(column, row)
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    const [column, row] = [cell % columns, Math.floor(cell / columns)]
    visit(column - 1, row)
    visit(column + 1, row)
    visit(column, row - 1)
    visit(column, row + 1)
  }
  return outside
}
