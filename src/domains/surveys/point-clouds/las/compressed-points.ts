import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'
import { openFile } from '../file-slices.ts'
import { mostBatchPoints, newBatch, type PointBatch, PointCloudError } from '../model.ts'
import type { Chunk } from './chunk-table.ts'
import { type LasHeader, leastRecordLengths } from './header.ts'
import { newLazDecoder } from './laz-decoder.ts'
import { placing } from './placing.ts'
import type { VariableRecord } from './variable-records.ts'

/** What LASzip notes beside the points: rapidlasso, "LAZ specification", the "laszip encoded" record. */
const compressionUser = 'laszip encoded'
const compressionId = 22_204
/** Each costs the decoder memory. */
const mostExtraBytes = 1024
/** What points alike come to: real ones are measured, and take bytes each. */
const mostPointsPerByte = 1000

export function isCompression(user: string, id: number): boolean {
  return user === compressionUser && id === compressionId
}

/** Throws `PointCloudError` unless laz-perf reads it: point formats 0 to 3 in chunks, and 6 to 8 in layers. */
export function compressionOf(records: readonly VariableRecord[], header: LasHeader): { readonly chunkSize: number } {
  const record = records.find(({ user, id }) => isCompression(user, id))
  if (record === undefined || record.content.length < 34)
    throw new PointCloudError({ byte: header.records.from }, 'It has compressed points and does not say how.')
  const { from, content } = record
  const { pointFormat, recordLength } = header
  const least = leastRecordLengths[pointFormat] ?? 0
  if ([4, 5, 9, 10].includes(pointFormat))
    throw new PointCloudError(
      { byte: 104 },
      `Compressed points with waveforms (format ${pointFormat}) are not read. Send it as LAS.`,
    )
  const compressor = content.readUInt16LE(0)
  if (compressor !== (pointFormat < 6 ? 2 : 3) || content.readUInt16LE(2) !== 0)
    throw new PointCloudError(
      { byte: from },
      `Points of format ${pointFormat} compressed in way ${compressor} are not read. Write it again with LASzip 3.`,
    )
  if (recordLength > least + mostExtraBytes)
    throw new PointCloudError({ byte: 105 }, `At most ${mostExtraBytes} extra bytes of each point are read.`)
  const chunkSize = content.readUInt32LE(12)
  if (chunkSize === 0) throw new PointCloudError({ byte: from + 12 }, 'Chunks of no points.')
  checkItems(record, recordLength)
  return { chunkSize }
}

/** Of what the compressed records are made. */
function checkItems({ content, from }: VariableRecord, recordLength: number): void {
  const count = content.readUInt16LE(32)
  let length = 0
  for (let at = 34, left = count; left > 0; at += 6, left -= 1) {
    if (at + 6 > content.length) throw new PointCloudError({ byte: from + 32 }, `It has no ${count} parts of a point.`)
    length += content.readUInt16LE(at + 2)
    if (content.readUInt16LE(at + 4) < 2)
      throw new PointCloudError(
        { byte: from + at },
        'It is compressed as before LASzip 2. Write it again with LASzip 3.',
      )
  }
  if (length !== recordLength)
    throw new PointCloudError(
      { byte: from + 32 },
      `The parts of a point have ${length} bytes; the header says ${recordLength}.`,
    )
}

/** The points of a LAZ file, one chunk in memory at a time. */
export async function* compressedPoints(
  path: string,
  header: LasHeader,
  chunks: readonly Chunk[],
  signal: AbortSignal | undefined,
): AsyncGenerator<PointBatch> {
  const place = placing(header)
  const batch = newBatch()
  const decoder = await newLazDecoder(header)
  const file = await openFile(path)
  try {
    for (const chunk of chunks) {
      checkDensity(chunk)
      decoder.open(await file.read(chunk.from, chunk.bytes, 'A chunk of points'), chunk)
      for (let left = chunk.points; left > 0; left -= batch.length) {
        signal?.throwIfAborted()
        batch.length = 0
        decoder.take(Math.min(left, mostBatchPoints), (x, y, z) => place(batch, x, y, z, chunk.from))
        yield batch
        await othersHadTheirTurn()
      }
    }
  } finally {
    await file.close()
  }
}

function checkDensity({ from, bytes, points }: Chunk): void {
  if (points > bytes * mostPointsPerByte)
    throw new PointCloudError({ byte: from }, `${points} points in ${bytes} bytes: nothing measured is so alike.`)
}
