import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FootprintSample, newFootprintSampler } from '../point-clouds/footprint-sample.ts'
import {
  openPointCloud,
  PointCloudError,
  type PointCloudFormat,
  type PointCloudHeader,
} from '../point-clouds/point-cloud.ts'

/** A file of points on this machine, and what its sender says that it is. */
export interface ScanFileHere {
  readonly path: string
  readonly format: PointCloudFormat | null
}

/** What is known of a file when all of it was read. */
export interface Inspected {
  readonly header: PointCloudHeader
  readonly sample: FootprintSample
  readonly bytes: number
  /** In lower-case hexadecimal. */
  readonly sha256: string
}

/** Reads all of a file, and finds every point where its header says. Rejects with `PointCloudError`. */
export async function inspect(
  { path, format }: ScanFileHere,
  onProgress: (share: number) => void = () => {},
): Promise<Inspected> {
  const cloud = await openPointCloud(path, { format })
  const { header } = cloud
  if (header.pointCount === 0)
    throw new PointCloudError({ byte: 107 }, 'The file has no points: there is nothing to add.')
  const sampler = newFootprintSampler(header)
  let count = 0
  for await (const batch of cloud.points()) {
    sampler.add(batch)
    count += batch.length
    onProgress(count / header.pointCount)
  }
  return { header, sample: sampler.sample(), ...(await digestOf(path)) }
}

async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}
