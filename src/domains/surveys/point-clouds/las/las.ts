import { type FileSlices, withFile } from '../file-slices.ts'
import { type PointCloud, PointCloudError } from '../model.ts'
import { readChunkTable } from './chunk-table.ts'
import { compressedPoints, compressionOf, isCompression } from './compressed-points.ts'
import { crsOf, tellsCrs } from './crs.ts'
import { type LasHeader, readLasHeader } from './header.ts'
import { plainPoints } from './plain-points.ts'
import { readVariableRecords } from './variable-records.ts'

/** LAS, and LAZ, which is LAS with its points compressed. */
export function openLas(path: string, signal: AbortSignal | undefined): Promise<PointCloud> {
  return withFile(path, (file) => cloudOf(path, file, signal))
}

async function cloudOf(path: string, file: FileSlices, signal: AbortSignal | undefined): Promise<PointCloud> {
  const header = await readLasHeader(file)
  const records = await readVariableRecords(file, header, (user, id) => tellsCrs(user, id) || isCompression(user, id))
  const points = header.isCompressed
    ? await compressedPointsOf(path, file, header, records, signal)
    : plainPointsOf(path, file, header, signal)
  return {
    header: {
      format: header.isCompressed ? 'laz' : 'las',
      version: header.version,
      pointCount: header.pointCount,
      min: header.min,
      max: header.max,
      ...crsOf(records, header.prefersWkt),
      capturedAt: header.createdOn,
    },
    points,
  }
}

function plainPointsOf(path: string, { bytes }: FileSlices, header: LasHeader, signal: AbortSignal | undefined) {
  const end = header.pointsFrom + header.pointCount * header.recordLength
  if (end > bytes)
    throw new PointCloudError(
      { byte: bytes },
      `The file ends here; its ${header.pointCount} points of ${header.recordLength} bytes would end at byte ${end}.`,
    )
  return () => plainPoints(path, header, signal)
}

async function compressedPointsOf(
  path: string,
  file: FileSlices,
  header: LasHeader,
  records: Awaited<ReturnType<typeof readVariableRecords>>,
  signal: AbortSignal | undefined,
) {
  const { chunkSize } = compressionOf(records, header)
  const { pointsFrom: from, pointCount } = header
  const chunks = pointCount === 0 ? [] : await readChunkTable({ file, from, pointCount, chunkSize })
  return () => compressedPoints(path, header, chunks, signal)
}
