import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'
import { mostBatchPoints, mostPoints, newBatch, type PointBatch, type PointCloud, PointCloudError } from '../model.ts'
import { linesOf } from './lines.ts'
import { isComment, pointReader, tableOf } from './table.ts'

/**
 * Points as text: one a line, x, y and z first, or in columns that the first line names. Fields are set apart by blanks, tabs,
 * commas or semicolons, decimals by a point. Comments begin with `#` or `//`.
 */
export async function openXyz(path: string, signal: AbortSignal | undefined): Promise<PointCloud> {
  const bounds = await boundsOf(xyzPoints(path, signal))
  if (bounds.pointCount === 0) throw new PointCloudError({ line: 1 }, 'No line of the file is a point.')
  return {
    header: { format: 'xyz', version: null, ...bounds, crs: null, metresPerHeightUnit: null, capturedAt: null },
    points: () => xyzPoints(path, signal),
  }
}

/** Count and bounds of all points. */
async function boundsOf(points: AsyncIterable<PointBatch>) {
  let pointCount = 0
  const min: [number, number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const max: [number, number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for await (const batch of points) {
    pointCount += batch.length
    for (const [axis, values] of [batch.x, batch.y, batch.z].entries())
      for (const value of values.subarray(0, batch.length)) {
        if (value < (min[axis] ?? 0)) min[axis] = value
        if (value > (max[axis] ?? 0)) max[axis] = value
      }
  }
  return { pointCount, min, max }
}

async function* xyzPoints(path: string, signal: AbortSignal | undefined): AsyncGenerator<PointBatch> {
  const batch = newBatch()
  const read = lineReader()
  let count = 0
  for await (const { first, texts } of linesOf(path, signal)) {
    for (const [index, text] of texts.entries()) {
      const point = read(text, first + index)
      if (point === null) continue
      batch.x[batch.length] = point[0]
      batch.y[batch.length] = point[1]
      batch.z[batch.length] = point[2]
      batch.length += 1
      count += 1
      if (count > mostPoints)
        throw new PointCloudError({ line: first + index }, `At most ${mostPoints} points are read. Split the file.`)
      if (batch.length < mostBatchPoints) continue
      yield batch
      batch.length = 0
    }
    signal?.throwIfAborted()
    await othersHadTheirTurn()
  }
  if (batch.length > 0) yield batch
}

/** Null for a line that is no point: a comment, or the names of columns. */
function lineReader() {
  let pointOf: ReturnType<typeof pointReader> | null = null
  return (line: string, number: number) => {
    // A mark of UTF-8, byte by byte.
    const text = number === 1 && line.startsWith('\u00ef\u00bb\u00bf') ? line.slice(3) : line
    if (isComment(text)) return null
    if (pointOf !== null) return pointOf(text, number)
    const { table, header } = tableOf(text, number)
    pointOf = pointReader(table)
    return header ? null : pointOf(text, number)
  }
}
