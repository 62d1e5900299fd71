import type { Box, Points } from '../../../../src/domains/surveys/rules/points.ts'

/** A height in metres at a place in metres; null: nothing is there. */
export type Surface = (x: number, y: number) => number | null

export type Point = readonly [x: number, y: number, z: number]

/** One point in the middle of each square of side `spacing` over [-half, half] x [-half, half], where the surface is. */
export function sampled(surface: Surface, half: number, spacing: number): Point[] {
  const steps = Math.round((2 * half) / spacing)
  const middles = Array.from({ length: steps }, (_, at) => -half + (at + 0.5) * spacing)
  return middles.flatMap((y) =>
    middles.flatMap((x) => {
      const z = surface(x, y)
      return z === null ? [] : [[x, y, z] as const]
    }),
  )
}

/** The points in batches of a size, as a reader gives them: with arrays that are longer than what is meant of them. */
export async function* inBatches(points: readonly Point[], size = 1000): AsyncGenerator<Points> {
  for (let from = 0; from < points.length; from += size) {
    const batch = points.slice(from, from + size)
    const column = (axis: 0 | 1 | 2) => Float64Array.from([...batch.map((point) => point[axis]), Number.NaN])
    yield { length: batch.length, x: column(0), y: column(1), z: column(2) }
  }
}

export function boxOf(points: readonly Point[]): Box {
  const least = (axis: 0 | 1 | 2) => points.reduce((so, point) => Math.min(so, point[axis]), Number.POSITIVE_INFINITY)
  const most = (axis: 0 | 1 | 2) => points.reduce((so, point) => Math.max(so, point[axis]), Number.NEGATIVE_INFINITY)
  return { west: least(0), south: least(1), east: most(0), north: most(1), low: least(2), high: most(2) }
}

export function flat(height: number): Surface {
  return () => height
}

/** Rises by `slopeX` metres a metre to the east, and by `slopeY` to the north; 0 at the origin. */
export function tilted(slopeX: number, slopeY = 0): Surface {
  return (x, y) => slopeX * x + slopeY * y
}

/** A cone of a base radius and height on level ground of height 0. */
export function cone(radius: number, height: number): Surface {
  return (x, y) => Math.max(0, height * (1 - Math.hypot(x, y) / radius))
}

/** The upper half of a ball on level ground of height 0. */
export function hemisphere(radius: number): Surface {
  return (x, y) => Math.sqrt(Math.max(0, radius * radius - x * x - y * y))
}

/** The surface within a radius, and nothing around. */
export function within(radius: number, surface: Surface): Surface {
  return (x, y) => (Math.hypot(x, y) < radius ? surface(x, y) : null)
}
