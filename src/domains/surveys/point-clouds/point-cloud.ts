import { withFile } from './file-slices.ts'
import { openLas } from './las/las.ts'
import { type PointCloud, PointCloudError, type PointCloudFormat } from './model.ts'
import { openXyz } from './xyz/xyz.ts'

export type { Crs, PointBatch, PointCloud, PointCloudFormat, PointCloudHeader, Position } from './model.ts'
export { mostBatchPoints, PointCloudError } from './model.ts'

export interface OpenOptions {
  readonly signal?: AbortSignal
  /** What its owner says that it is. Null or none: what its beginning says. LAS and LAZ tell themselves apart. */
  readonly format?: PointCloudFormat | null
}

/**
 * A point cloud in a local file, whose format its beginning tells. Memory is bounded whatever the file's size: of LAS and LAZ the
 * header is read, text is read through once for its count and bounds. The file is open only while this or `points()` runs.
 * Rejects with `PointCloudError` when the file is broken or lies about itself, and with the signal's reason.
 */
export async function openPointCloud(path: string, { signal, format }: OpenOptions = {}): Promise<PointCloud> {
  signal?.throwIfAborted()
  const isLas = await beginsAsLas(path)
  if (isLas && format === 'xyz') throw new PointCloudError({ byte: 0 }, 'This is no text: it begins as LAS and LAZ do.')
  if (!isLas && (format === 'las' || format === 'laz'))
    throw new PointCloudError({ byte: 0 }, `A ${format.toUpperCase()} file begins with \`LASF\`; this one does not.`)
  return isLas ? openLas(path, signal) : openXyz(path, signal)
}

function beginsAsLas(path: string): Promise<boolean> {
  return withFile(path, async (file) => {
    if (file.bytes === 0) throw new PointCloudError({ byte: 0 }, 'The file is empty.')
    const beginning = await file.read(0, Math.min(4, file.bytes), 'its beginning')
    return beginning.toString('latin1') === 'LASF'
  })
}
