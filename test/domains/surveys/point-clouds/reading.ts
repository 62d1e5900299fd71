import {
  type OpenOptions,
  openPointCloud,
  type PointCloudHeader,
} from '../../../../src/domains/surveys/point-clouds/point-cloud.ts'

/** The header of a file, and all its points. */
export async function readWhole(
  path: string,
  options: OpenOptions = {},
): Promise<{ header: PointCloudHeader; points: [number, number, number][] }> {
  const { header, points } = await openPointCloud(path, options)
  const read: [number, number, number][] = []
  for await (const { length, x, y, z } of points())
    for (let at = 0; at < length; at += 1) read.push([x[at] ?? Number.NaN, y[at] ?? Number.NaN, z[at] ?? Number.NaN])
  return { header, points: read }
}
