import type { FileSlices } from '../file-slices.ts'
import { PointCloudError } from '../model.ts'
import { newBitModel, newRangeDecoder, newSymbolModel, type RangeDecoder } from './range-decoder.ts'

/** Points that are compressed together, apart from all others. */
export interface Chunk {
  readonly from: number
  readonly bytes: number
  readonly points: number
}

/** The chunk size that says that each chunk has its own. */
const varying = 0xffff_ffff
/** Each is in memory as a whole. Writers make a hundredth of it. */
const mostChunkBytes = 32 * 1024 * 1024
/** Twenty times what the most points come to in chunks as they usually are. */
const mostChunks = 200_000
/** Of one chunk; the table tells counts and lengths in fewer. */
const mostEntryBytes = 16

export interface ChunkedPoints {
  readonly file: FileSlices
  /** Where the points begin: eight bytes that say where the table is, then the chunks. */
  readonly from: number
  readonly pointCount: number
  readonly chunkSize: number
}

/** The chunks of a LAZ file, which hold all its points and fill all the space before their table. */
export async function readChunkTable({ file, from, pointCount, chunkSize }: ChunkedPoints): Promise<readonly Chunk[]> {
  const table = await tableOffset(file, from)
  const head = await file.read(table, 8, 'The head of the table of chunks')
  const count = head.readUInt32LE(4)
  if (head.readUInt32LE(0) !== 0) throw new PointCloudError({ byte: table }, 'There is no table of chunks here.')
  if (count > mostChunks || count > pointCount)
    throw new PointCloudError({ byte: table + 4 }, `The table has ${count} chunks for ${pointCount} points.`)
  const bytes = await file.read(table + 8, Math.min(file.bytes - table - 8, (count + 1) * mostEntryBytes), 'The table')
  const chunks = entries(bytes, { count, chunkSize, pointCount, from: from + 8 }, table + 8)
  return checkedChunks(chunks, { table, pointCount, from: from + 8 })
}

async function tableOffset(file: FileSlices, from: number): Promise<number> {
  const written = (await file.read(from, 8, 'The place of the table of chunks')).readBigInt64LE(0)
  // Who writes without going back leaves it out here, and appends it.
  const offset =
    written === -1n ? (await file.read(file.bytes - 8, 8, 'The place of the table')).readBigInt64LE(0) : written
  if (offset < from + 8 || offset + 8n > file.bytes)
    throw new PointCloudError(
      { byte: from },
      `The table of chunks would be at byte ${offset}; the file has ${file.bytes}.`,
    )
  return Number(offset)
}

interface Entries {
  readonly count: number
  readonly chunkSize: number
  readonly pointCount: number
  readonly from: number
}

function entries(bytes: Buffer, { count, chunkSize, pointCount, from }: Entries, at: number): Chunk[] {
  const chunks: Chunk[] = []
  if (count === 0) return chunks
  try {
    const next = integers(newRangeDecoder(bytes))
    let last: Chunk = { from, bytes: 0, points: 0 }
    for (let left = pointCount; chunks.length < count; left -= last.points) {
      const points = chunkSize === varying ? next(last.points, 0) : Math.min(chunkSize, left)
      last = { from: last.from + last.bytes, points, bytes: next(last.bytes, 1) }
      chunks.push(last)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new PointCloudError({ byte: at }, `The table of chunks is broken: ${error.message}`)
  }
  return chunks
}

function checkedChunks(
  chunks: readonly Chunk[],
  { table, pointCount, from }: { table: number; pointCount: number; from: number },
): readonly Chunk[] {
  let points = 0
  let end = from
  for (const chunk of chunks) {
    if (chunk.bytes > mostChunkBytes)
      throw new PointCloudError(
        { byte: chunk.from },
        `A chunk of ${chunk.bytes} bytes; at most ${mostChunkBytes} are read. Write the file again with chunks of 50,000 points.`,
      )
    points += chunk.points
    end += chunk.bytes
    if (chunk.points === 0 || chunk.bytes === 0 || end > table)
      throw new PointCloudError({ byte: chunk.from }, 'The table of chunks does not fit the points before it.')
  }
  if (points !== pointCount)
    throw new PointCloudError({ byte: table }, `The chunks have ${points} points; the header says ${pointCount}.`)
  return chunks
}

/**
 * Numbers of 32 bits, each told as its difference from an expected one: first how many bits that has, by a model of its context,
 * then the eight highest by a model of their own, then the rest as they are.
 */
function integers(decoder: RangeDecoder): (expected: number, context: 0 | 1) => number {
  const lengths = [newSymbolModel(33), newSymbolModel(33)] as const
  const correctors = Array.from({ length: 33 }, (_, bits) => newSymbolModel(1 << Math.max(1, Math.min(bits, 8))))
  const smallest = newBitModel()
  const difference = (context: 0 | 1): number => {
    const bits = decoder.symbol(lengths[context])
    if (bits === 0) return decoder.bit(smallest)
    if (bits === 32) return -(2 ** 31)
    const high = decoder.symbol(correctors[bits] ?? newSymbolModel(256))
    const told = bits <= 8 ? high : high * 2 ** (bits - 8) + decoder.bits(bits - 8)
    return told >= 2 ** (bits - 1) ? told + 1 : told - (2 ** bits - 1)
  }
  return (expected, context) => (expected + difference(context)) >>> 0
}
