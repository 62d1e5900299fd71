import type { HeightGrid } from './height-grid.ts'

/** Cells without points: all within the lattice, and those of them that cells with points enclose. */
export interface Gaps {
  readonly empty: number
  /** No way leads from them over empty cells, edge to edge, to the lattice's rim: holes in the scan, not its surroundings. */
  readonly enclosed: number
}

export function gapsOf({ lattice: { columns, rows }, counts }: HeightGrid): Gaps {
  const reached = new Uint8Array(counts.length)
  const waiting: number[] = []
  let outside = 0
  const visit = (cell: number) => {
    if (counts[cell] !== 0 || reached[cell] !== 0) return
    reached[cell] = 1
    outside += 1
    waiting.push(cell)
  }
  for (let column = 0; column < columns; column += 1) {
    visit(column)
    visit((rows - 1) * columns + column)
  }
  for (let row = 0; row < rows; row += 1) {
    visit(row * columns)
    visit(row * columns + columns - 1)
  }
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    const column = cell % columns
    if (column > 0) visit(cell - 1)
    if (column < columns - 1) visit(cell + 1)
    visit(cell - columns)
    visit(cell + columns)
  }
  const empty = counts.reduce((total, count) => total + (count === 0 ? 1 : 0), 0)
  return { empty, enclosed: empty - outside }
}
