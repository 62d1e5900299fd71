import type { Lattice } from './lattice.ts'

/**
 * Where a scan lies on a map in Web Mercator (EPSG:3857), as a mesh over its rectangle there: `side` x `side` nodes, evenly
 * spaced, row by row from the south-west, with the scan's own coordinates at each, in metres.
 *
 * Between nodes coordinates are interpolated. Over a mesh square of width w that is off by at most about w^2 / 4R, R being
 * Earth's radius, as projections bend by about 1/R: with 17 nodes a side, a scan of width L is off by L^2 / 1024 R. In
 * pixels of L / 512 that is L / 2R: a thousandth for 10 km. The four corners alone would be 256 times as far off.
 */
export interface Mesh {
  readonly side: number
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** Grey and opacity of each pixel, 0 to 255, row by row from the north, as a PNG has them. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/**
 * Brightness of a lattice's cells (0 to 1, NaN: none), drawn as the map has north and east. A pixel takes the mean of the
 * four cells around it, weighted by how near their middles are; it is clear where the cell that it lies in has none. Its
 * longer side has as many pixels as that of the lattice.
 */
export function mapPicture(bright: Float32Array, lattice: Lattice, mesh: Mesh): Picture {
  const { width, height } = sizeOf(lattice, mesh)
  const pixels = new Uint8Array(2 * width * height)
  const coordinates = interpolator(mesh)
  for (let line = 0; line < height; line += 1)
    for (let pixel = 0; pixel < width; pixel += 1) {
      const { x, y } = coordinates((pixel + 0.5) / width, 1 - (line + 0.5) / height)
      const value = valueAt(bright, lattice, x, y)
      if (Number.isNaN(value)) continue
      const at = 2 * (line * width + pixel)
      pixels[at] = Math.round(255 * value)
      pixels[at + 1] = 255
    }
  return { width, height, pixels }
}

function sizeOf({ columns, rows }: Lattice, { west, south, east, north }: Mesh) {
  const longer = Math.max(columns, rows)
  const ratio = (east - west) / (north - south)
  return ratio >= 1
    ? { width: longer, height: Math.max(1, Math.round(longer / ratio)) }
    : { width: Math.max(1, Math.round(longer * ratio)), height: longer }
}

/** The scan's coordinates at shares of the way from west to east and from south to north. */
function interpolator({ side, x, y }: Mesh) {
  return (eastward: number, northward: number) => {
    const column = square(eastward, side)
    const row = square(northward, side)
    const u = eastward * (side - 1) - column
    const v = northward * (side - 1) - row
    const at = row * side + column
    return { x: between(x, at, side, u, v), y: between(y, at, side, u, v) }
  }
}

/** Of the square of a mesh whose south-western node is at this place. */
function between(values: readonly number[], at: number, side: number, u: number, v: number): number {
  const low = mix(values[at] as number, values[at + 1] as number, u)
  return mix(low, mix(values[at + side] as number, values[at + side + 1] as number, u), v)
}

function square(share: number, side: number) {
  return Math.min(side - 2, Math.floor(share * (side - 1)))
}

function mix(from: number, to: number, share: number) {
  return from + share * (to - from)
}

/** NaN outside, and in a cell without a value. */
function valueAt(values: Float32Array, { cellSize, column, row, columns, rows }: Lattice, x: number, y: number) {
  const east = x / cellSize - column
  const north = y / cellSize - row
  if (!(east >= 0 && east < columns && north >= 0 && north < rows)) return Number.NaN
  const own = values[Math.floor(north) * columns + Math.floor(east)] as number
  if (Number.isNaN(own)) return own
  const left = Math.floor(east - 0.5)
  const low = Math.floor(north - 0.5)
  const u = east - 0.5 - left
  const v = north - 0.5 - low
  // Where there is no neighbour, or it has no value, the cell's own takes its place.
  const right = Math.min(left + 1, columns - 1)
  const high = Math.min(low + 1, rows - 1)
  const west = Math.max(left, 0)
  const south = Math.max(low, 0) * columns
  const below = mix(or(values[south + west], own), or(values[south + right], own), u)
  const above = mix(or(values[high * columns + west], own), or(values[high * columns + right], own), u)
  return mix(below, above, v)
}

function or(value: number | undefined, own: number): number {
  return value === undefined || Number.isNaN(value) ? own : value
}
