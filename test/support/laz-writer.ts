import {
  type BitModel,
  bitShift,
  learnBit,
  learnSymbol,
  leastLength,
  newBitModel,
  newSymbolModel,
  type SymbolModel,
  symbolShift,
} from '../../src/domains/surveys/point-clouds/las/range-decoder.ts'
import {
  type LasContent,
  lasHeader,
  pointRecord,
  recordLengths,
  variableRecord,
  variableRecords,
} from './las-writer.ts'

export interface LazContent extends LasContent {
  /** Says that each chunk tells how many points it has. */
  readonly varyingChunks?: boolean
  /** Puts the table's place at the file's end, as who writes a stream does. */
  readonly tablePlaceLast?: boolean
}

/** A LAZ file with a chunk for each point: the first point of a chunk stands as it is, so no encoder of points is needed. */
export function lazFile(content: LazContent): Buffer {
  const { points, pointFormat = 0, varyingChunks = false, tablePlaceLast = false } = content
  const before = [...variableRecords(content).before, compressionRecord(content)]
  const header = lasHeader(content, before, null)
  header.writeUInt8(pointFormat | 0x80, 104)
  const chunks = points.map((point) => chunkOf(content, point))
  const from = Buffer.concat([header, ...before]).length
  const tableAt = chunks.reduce((at, chunk) => at + chunk.length, from + 8)
  const place = Buffer.alloc(8)
  place.writeBigInt64LE(BigInt(tableAt))
  const table = chunkTable(
    chunks.map(({ length }) => ({ points: 1, bytes: length })),
    varyingChunks,
  )
  const placeFirst = tablePlaceLast ? Buffer.alloc(8, 0xff) : place
  return Buffer.concat([header, ...before, placeFirst, ...chunks, table, ...(tablePlaceLast ? [place] : [])])
}

function compressionRecord({ pointFormat = 0, extraBytes = 0, varyingChunks = false }: LazContent): Buffer {
  const content = Buffer.alloc(40)
  content.writeUInt16LE(pointFormat < 6 ? 2 : 3, 0)
  content.writeUInt8(3, 4)
  content.writeUInt32LE(varyingChunks ? 0xffff_ffff : 1, 12)
  content.writeUInt16LE(1, 32)
  // One part of a point stands for all: readers ask for the length that they come to.
  content.writeUInt16LE((recordLengths[pointFormat] ?? 0) + extraBytes, 36)
  content.writeUInt16LE(pointFormat < 6 ? 2 : 3, 38)
  return variableRecord('laszip encoded', 22_204, content)
}

function chunkOf(content: LazContent, point: LasContent['points'][number]): Buffer {
  const { pointFormat = 0, extraBytes = 0 } = content
  const record = pointRecord(content, point)
  if (pointFormat < 6) return Buffer.concat([record, Buffer.alloc(4)])
  const counts = Buffer.alloc(4 + 4 * (9 + (pointFormat - 6) + extraBytes))
  counts.writeUInt32LE(1)
  return Buffer.concat([record, counts])
}

/** The table of chunks as LASzip writes it. */
export function chunkTable(chunks: readonly { points: number; bytes: number }[], varying: boolean): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(chunks.length, 4)
  const encoder = newRangeEncoder()
  const write = integerWriter(encoder)
  let last = { points: 0, bytes: 0 }
  for (const chunk of chunks) {
    if (varying) write(chunk.points, last.points, 0)
    write(chunk.bytes, last.bytes, 1)
    last = chunk
  }
  return Buffer.concat([head, encoder.finish()])
}

type RangeEncoder = ReturnType<typeof newRangeEncoder>

function integerWriter(encoder: RangeEncoder) {
  const lengths = [newSymbolModel(33), newSymbolModel(33)] as const
  const correctors = Array.from({ length: 33 }, (_, bits) => newSymbolModel(1 << Math.max(1, Math.min(bits, 8))))
  const smallest = newBitModel()
  return (value: number, expected: number, context: 0 | 1) => {
    const difference = (value - expected) | 0
    const bits = 32 - Math.clz32(difference <= 0 ? -difference : difference - 1)
    encoder.symbol(lengths[context], bits)
    if (bits === 0) return encoder.bit(smallest, difference as 0 | 1)
    if (bits === 32) return
    const told = difference > 0 ? difference - 1 : difference + (2 ** bits - 1)
    const corrector = correctors[bits] ?? newSymbolModel(256)
    if (bits <= 8) return encoder.symbol(corrector, told)
    encoder.symbol(corrector, Math.floor(told / 2 ** (bits - 8)))
    encoder.bits(told % 2 ** (bits - 8), bits - 8)
  }
}

/** The other side of the decoder, with whole numbers that do not overflow. */
function newRangeEncoder() {
  const bytes: number[] = []
  let base = 0
  let length = 0xffff_ffff
  const narrow = (from: number, to: number) => {
    base += from
    length = to - from
    if (base >= 2 ** 32) {
      base -= 2 ** 32
      let at = bytes.length - 1
      for (; bytes[at] === 0xff; at -= 1) bytes[at] = 0
      bytes[at] = (bytes[at] ?? 0) + 1
    }
    for (; length < leastLength; length *= 256) {
      bytes.push(Math.floor(base / 2 ** 24))
      base = (base % 2 ** 24) * 256
    }
  }
  const raw = (value: number, count: number) => {
    const step = Math.floor(length / 2 ** count)
    narrow(value * step, (value + 1) * step)
  }
  return {
    symbol(model: SymbolModel, symbol: number) {
      const step = length >>> symbolShift
      const starts = (at: number) => (model.distribution[at] ?? 0) * step
      narrow(starts(symbol), symbol === model.symbols - 1 ? length : starts(symbol + 1))
      learnSymbol(model, symbol)
    },
    bit(model: BitModel, bit: 0 | 1) {
      const border = model.probability * (length >>> bitShift)
      narrow(bit === 0 ? 0 : border, bit === 0 ? border : length)
      learnBit(model, bit)
    },
    bits(value: number, count: number) {
      if (count <= 19) return raw(value, count)
      raw(value % 65_536, 16)
      raw(Math.floor(value / 65_536), count - 16)
    },
    /** Four bytes name a place within the interval; the decoder reads a little ahead. */
    finish(): Buffer {
      const middle = Math.floor(length / 2)
      narrow(middle, middle + 1)
      return Buffer.from([...bytes, 0, 0, 0, 0])
    },
  }
}
