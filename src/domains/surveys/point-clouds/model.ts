/** Native coordinates, x first: what the file's CRS means by them. */
export type Position = readonly [x: number, y: number, z: number]

export type PointCloudFormat = 'las' | 'laz' | 'xyz'

/** A code of EPSG's register, or well-known text as the file has it. */
export type Crs = { readonly epsg: number } | { readonly wkt: string }

export interface PointCloudHeader {
  readonly format: PointCloudFormat
  /** Of the format: `1.2`. Null: the format has none. */
  readonly version: string | null
  readonly pointCount: number
  /** Of all points, in native coordinates. Zeros where there is no point. */
  readonly min: Position
  readonly max: Position
  /** Null: the file does not say. */
  readonly crs: Crs | null
  /** How many metres one unit of height is, where the file says so apart from its horizontal unit. */
  readonly metresPerHeightUnit: number | null
  /** Midnight UTC of the day that the header gives for the file. Null: none, or none that can be. */
  readonly capturedAt: Date | null
}

/** Native coordinates. Only the first `length` of each are meant. The next batch is written over this one. */
export interface PointBatch {
  readonly length: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
}

export interface PointCloud {
  readonly header: PointCloudHeader
  /**
   * All points in the file's order, withheld ones too, in batches of at most `mostBatchPoints`. May be called again. Between
   * batches others get their turn. Rejects with `PointCloudError` where the points are not what the header says.
   */
  points(): AsyncIterable<PointBatch>
}

export type Place = { readonly byte: number } | { readonly line: number }

/** The file is not what it should be. The message is for its owner, and names the place. */
export class PointCloudError extends Error {
  override readonly name = 'PointCloudError'
  readonly place: Place

  constructor(place: Place, sentence: string) {
    super(`${'byte' in place ? `At byte ${place.byte}` : `In line ${place.line}`}: ${sentence}`)
    this.place = place
  }
}

export const mostBatchPoints = 16_384
/** What takes a processor a quarter of an hour. Compressed, that many fit into a small file. */
export const mostPoints = 500_000_000
/** No measure of the earth is longer, in millimetres. */
const farthest = 1e12

/** Whether it can be a coordinate at all. */
export function isCoordinate(value: number): boolean {
  return Math.abs(value) <= farthest
}

export interface GrowingBatch {
  length: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
}

export function newBatch(): GrowingBatch {
  return {
    length: 0,
    x: new Float64Array(mostBatchPoints),
    y: new Float64Array(mostBatchPoints),
    z: new Float64Array(mostBatchPoints),
  }
}
