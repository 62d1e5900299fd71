import type { PointBatch, PointCloudHeader } from './model.ts'

/** Native x and y of points that show where a cloud lies. */
export interface FootprintSample {
  readonly x: Float64Array
  readonly y: Float64Array
  /** The longer side of a cell, in native units. */
  readonly cell: number
}

/** Cells on each side of the bounds. */
const side = 128

/**
 * Collects at most 16,388 points: the cloud's bounds are divided into 128 by 128 cells, each gives the point nearest to its middle, and
 * what touches the bounds is added. The same points give the same sample in whatever order they come.
 */
export function newFootprintSampler({ min, max }: Pick<PointCloudHeader, 'min' | 'max'>) {
  const [width, height] = [max[0] - min[0], max[1] - min[1]]
  const nearest = new Float64Array(side * side).fill(Number.POSITIVE_INFINITY)
  const x = new Float64Array(side * side)
  const y = new Float64Array(side * side)
  const outermost = newOutermost()
  const placeOf = (value: number, from: number, length: number) =>
    length > 0 ? Math.min(side - 1, Math.max(0, ((value - from) / length) * side)) : 0
  return {
    add(batch: PointBatch): void {
      for (let at = 0; at < batch.length; at += 1) {
        const pointX = batch.x[at] ?? 0
        const pointY = batch.y[at] ?? 0
        const [column, row] = [placeOf(pointX, min[0], width), placeOf(pointY, min[1], height)]
        const cell = Math.floor(row) * side + Math.floor(column)
        const away = (column - Math.floor(column) - 0.5) ** 2 + (row - Math.floor(row) - 0.5) ** 2
        const kept = nearest[cell] ?? 0
        if (away < kept || (away === kept && isBefore(pointX, pointY, x[cell] ?? 0, y[cell] ?? 0))) {
          nearest[cell] = away
          x[cell] = pointX
          y[cell] = pointY
        }
        outermost.add(pointX, pointY)
      }
    },
    sample(): FootprintSample {
      const filled = (_: number, cell: number) => Number.isFinite(nearest[cell])
      const corners = outermost.places()
      return {
        x: Float64Array.from([...x.filter(filled), ...corners.map((corner) => corner.x)]),
        y: Float64Array.from([...y.filter(filled), ...corners.map((corner) => corner.y)]),
        cell: Math.max(width, height) / side,
      }
    },
  }
}

/** The points furthest to the west, east, south and north. */
function newOutermost() {
  const none = Number.NaN
  const [west, east, south, north] = [0, 1, 2, 3].map(() => ({ x: none, y: none })) as [Place, Place, Place, Place]
  const keep = (place: Place, x: number, y: number) => {
    place.x = x
    place.y = y
  }
  return {
    add(x: number, y: number): void {
      // What is compared with no number is not beyond it, and so taken.
      if (!(x > west.x || (x === west.x && y >= west.y))) keep(west, x, y)
      if (!(x < east.x || (x === east.x && y >= east.y))) keep(east, x, y)
      if (!(y > south.y || (y === south.y && x >= south.x))) keep(south, x, y)
      if (!(y < north.y || (y === north.y && x >= north.x))) keep(north, x, y)
    },
    places: (): Place[] => [west, east, south, north].filter(({ x }) => !Number.isNaN(x)),
  }
}

interface Place {
  x: number
  y: number
}

function isBefore(x: number, y: number, otherX: number, otherY: number): boolean {
  return x < otherX || (x === otherX && y < otherY)
}
