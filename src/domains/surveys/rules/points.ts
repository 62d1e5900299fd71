/** Points of a cloud, as its reader gives them in batches: of each array only the first `length` are meant. */
export interface Points {
  readonly length: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
}

/** How many metres one unit of a cloud's own coordinates is, along each axis. */
export interface Scale {
  readonly x: number
  readonly y: number
  readonly z: number
}

/** Where a cloud's points lie, edges in. */
export interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
  readonly low: number
  readonly high: number
}

/** What the numbers of a cloud mean. */
export interface Units {
  /** Of x and y; null: they are degrees. */
  readonly metresPerUnit: number | null
  /** Of z. */
  readonly metresPerHeightUnit: number
}

/** The points of a scan are not what a calculation can be made with; the message is for whoever asked for it. */
export class UnfitPoints extends Error {
  override readonly name = 'UnfitPoints'
}

/** Metres above or below 0: more is no place on Earth, and comes of a wrong unit. It keeps sums of heights exact. */
export const greatestHeight = 100_000

// WGS 84 (NGA.STND.0036): half the equator's diameter in metres, and the square of the ellipsoid's first eccentricity.
const equatorialRadius = 6_378_137
const eccentricitySquared = 0.006_694_379_990_141

/**
 * Metres per degree of longitude (x) and of latitude (y) around a latitude in degrees: the radii of curvature of WGS 84 in
 * the prime vertical and in the meridian (Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, 1987,
 * equations 4-18 to 4-21). Taken for a whole scan it is the equirectangular projection with that latitude as its standard
 * parallel: lengths east to west are off by about tan(latitude) x distance from the parallel / Earth's radius, which is
 * 0.016 % a kilometre away at 45 degrees.
 */
export function metresPerDegree(latitude: number): { x: number; y: number } {
  const radians = (latitude * Math.PI) / 180
  const sine = Math.sin(radians)
  const flattening = 1 - eccentricitySquared * sine * sine
  const primeVertical = equatorialRadius / Math.sqrt(flattening)
  const meridian = (primeVertical * (1 - eccentricitySquared)) / flattening
  return { x: (primeVertical * Math.cos(radians) * Math.PI) / 180, y: (meridian * Math.PI) / 180 }
}

/**
 * How many metres the units of some clouds are, in one system for all. `boxes` are theirs, in their own coordinates: degrees
 * become metres around the middle latitude of all of them.
 */
export function scaleOf({ metresPerUnit, metresPerHeightUnit }: Units, boxes: readonly Box[]): Scale {
  if (metresPerUnit !== null) return { x: metresPerUnit, y: metresPerUnit, z: metresPerHeightUnit }
  const south = Math.min(...boxes.map((box) => box.south))
  const north = Math.max(...boxes.map((box) => box.north))
  return { ...metresPerDegree((south + north) / 2), z: metresPerHeightUnit }
}

/** The box in metres. Throws `UnfitPoints` when its heights are none. */
export function boxInMetres(box: Box, scale: Scale): Box {
  const scaled = {
    west: box.west * scale.x,
    south: box.south * scale.y,
    east: box.east * scale.x,
    north: box.north * scale.y,
    low: box.low * scale.z,
    high: box.high * scale.z,
  }
  if (!(scaled.low >= -greatestHeight && scaled.high <= greatestHeight))
    throw new UnfitPoints(
      `Heights of the scan reach from ${scaled.low} to ${scaled.high} m, and can't be more than ${greatestHeight} m from 0: is its unit right?`,
    )
  return scaled
}

/** The same points in metres. The arrays it hands out are used again for the next batch. */
export async function* inMetres(batches: AsyncIterable<Points>, scale: Scale): AsyncGenerator<Points> {
  let room = emptyPoints(0)
  for await (const batch of batches) {
    if (room.x.length < batch.length) room = emptyPoints(batch.length)
    multiply(batch.x, scale.x, room.x, batch.length)
    multiply(batch.y, scale.y, room.y, batch.length)
    multiply(batch.z, scale.z, room.z, batch.length)
    yield { ...room, length: batch.length }
  }
}

function emptyPoints(length: number): Points {
  return { length, x: new Float64Array(length), y: new Float64Array(length), z: new Float64Array(length) }
}

function multiply(from: Float64Array, factor: number, to: Float64Array, length: number) {
  for (let at = 0; at < length; at += 1) to[at] = (from[at] as number) * factor
}
