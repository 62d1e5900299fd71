import { openPointCloud, type PointCloudHeader } from '../point-clouds/point-cloud.ts'
import { type DensityModel, densityOf } from '../rules/density.ts'
import { type DifferenceModel, differenceOf } from '../rules/difference.ts'
import { type HeightGrid, heightGridOf } from '../rules/height-grid.ts'
import { type HeightsModel, heightsOf } from '../rules/heights.ts'
import { type Relief, reliefLattice, reliefOf } from '../rules/hillshade.ts'
import { latticeOver } from '../rules/lattice.ts'
import {
  type Box,
  boxInMetres,
  inMetres,
  type Points,
  type Scale,
  scaleOf,
  UnfitPoints,
  type Units,
} from '../rules/points.ts'
import { type VolumeModel, volumeOver } from '../rules/volume.ts'

/** A point cloud in a local file. */
export interface CloudFile extends Units {
  readonly path: string
}

/** A scan's surface, and how many metres a unit of its coordinates is, as its lattice was laid in metres. */
export interface ScaledRelief extends Relief {
  readonly scale: Scale
}

/** What can be worked out of points, and what it takes: metres, square metres, percent. */
export interface Measures {
  density: { readonly cellSize: number; readonly footprintArea: number }
  heights: { readonly percentiles: readonly number[] }
  volume: { readonly cellSize: number; readonly baseHeight: number }
  /** Of the second file less the first. */
  difference: { readonly cellSize: number }
  /** It takes nothing. */
  relief: unknown
}

export interface Answers {
  density: DensityModel
  heights: HeightsModel
  volume: VolumeModel
  difference: DifferenceModel
  relief: ScaledRelief
}

export type Measure = { [Kind in keyof Measures]: { readonly kind: Kind } & Measures[Kind] }[keyof Measures]

/** A cloud with its coordinates in metres. */
interface MetricCloud {
  readonly scale: Scale
  readonly box: Box
  readonly pointCount: number
  points(): AsyncIterable<Points>
}

/**
 * Works something out of point clouds: two for a difference, else one. Coordinates in degrees become metres around the middle
 * latitude of all files (`metresPerDegree`). `onProgress` is told the share of points that are read. Rejects with
 * `PointCloudError` and `UnfitPoints`, and with BAD_USER_INPUT when the cells are too many.
 */
export async function calculate<Kind extends keyof Measures>(
  measure: { readonly kind: Kind } & Measures[Kind],
  files: readonly CloudFile[],
  onProgress: (share: number) => void = () => {},
): Promise<Answers[Kind]> {
  const [cloud, later] = await metricClouds(files, onProgress)
  if (cloud === undefined || (later === undefined) === (measure.kind === 'difference'))
    throw new Error(`A calculation of ${measure.kind} is not made of ${files.length} scans.`)
  return calculations[measure.kind](cloud, measure, later ?? cloud)
}

const calculations: {
  readonly [Kind in keyof Measures]: (
    cloud: MetricCloud,
    measure: Measures[Kind],
    later: MetricCloud,
  ) => Promise<Answers[Kind]>
} = {
  density: async (cloud, { cellSize, footprintArea }) => densityOf(await gridOf(cloud, cellSize), footprintArea),
  heights: (cloud, { percentiles }) => heightsOf(cloud.points(), cloud.box, percentiles),
  volume: async (cloud, { cellSize, baseHeight }) => volumeOver(await gridOf(cloud, cellSize), baseHeight),
  difference: async (earlier, { cellSize }, later) =>
    differenceOf(await gridOf(earlier, cellSize), await gridOf(later, cellSize)),
  relief: async (cloud) => {
    const lattice = reliefLattice(cloud.box, cloud.pointCount)
    return { ...reliefOf(await heightGridOf(cloud.points(), lattice)), scale: cloud.scale }
  },
}

function gridOf({ box, points }: MetricCloud, cellSize: number): Promise<HeightGrid> {
  return heightGridOf(points(), latticeOver(box, cellSize))
}

async function metricClouds(files: readonly CloudFile[], onProgress: (share: number) => void): Promise<MetricCloud[]> {
  const opened = await Promise.all(files.map(async (file) => ({ file, cloud: await openPointCloud(file.path) })))
  const headers = opened.map(({ cloud }) => cloud.header)
  if (headers.some(({ pointCount }) => pointCount === 0)) throw new UnfitPoints('The scan has no points.')
  const boxes = headers.map(nativeBox)
  const allPoints = headers.reduce((total, { pointCount }) => total + pointCount, 0)
  const counted = progressOver(allPoints, onProgress)
  return opened.map(({ file, cloud }) => {
    const scale = scaleOf(file, boxes)
    return {
      scale,
      box: boxInMetres(nativeBox(cloud.header), scale),
      pointCount: cloud.header.pointCount,
      points: () => inMetres(counted(cloud.points()), scale),
    }
  })
}

function nativeBox({ min: [west, south, low], max: [east, north, high] }: PointCloudHeader): Box {
  return { west, south, east, north, low, high }
}

/** Wraps what is read, and tells how much of all that is. */
function progressOver(pointCount: number, onProgress: (share: number) => void) {
  let read = 0
  return async function* counted(batches: AsyncIterable<Points>): AsyncGenerator<Points> {
    for await (const batch of batches) {
      yield batch
      read += batch.length
      onProgress(read / pointCount)
    }
  }
}
