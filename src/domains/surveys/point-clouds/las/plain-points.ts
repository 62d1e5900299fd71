import { openFile } from '../file-slices.ts'
import { mostBatchPoints, newBatch, type PointBatch } from '../model.ts'
import type { LasHeader } from './header.ts'
import { placing } from './placing.ts'

const mostReadBytes = 1024 * 1024

/** The points of a LAS file, whose end was checked. */
export async function* plainPoints(
  path: string,
  header: LasHeader,
  signal: AbortSignal | undefined,
): AsyncGenerator<PointBatch> {
  const { recordLength, pointsFrom, pointCount } = header
  const most = Math.max(1, Math.min(mostBatchPoints, Math.floor(mostReadBytes / recordLength)))
  const place = placing(header)
  const batch = newBatch()
  const file = await openFile(path)
  try {
    for (let point = 0; point < pointCount; point += batch.length) {
      signal?.throwIfAborted()
      const from = pointsFrom + point * recordLength
      const count = Math.min(most, pointCount - point)
      const bytes = await file.read(from, count * recordLength, 'Its points')
      batch.length = 0
      for (let at = 0; at < bytes.length; at += recordLength)
        place(batch, bytes.readInt32LE(at), bytes.readInt32LE(at + 4), bytes.readInt32LE(at + 8), from + at)
      yield batch
    }
  } finally {
    await file.close()
  }
}
