import { createLazPerf } from 'laz-perf'
import { PointCloudError } from '../model.ts'
import type { Chunk } from './chunk-table.ts'
import { type LasHeader, leastRecordLengths } from './header.ts'

/** What laz-perf is for this code: a machine in WebAssembly, with a memory of its own. */
interface LazPerf {
  readonly HEAPU8: Uint8Array
  readonly HEAP32: Int32Array
  readonly ChunkDecoder: new () => {
    open(pointFormat: number, recordLength: number, pointer: number): void
    getPoint(pointer: number): void
    delete(): void
  }
  _malloc(bytes: number): number
  _free(pointer: number): void
}

export interface LazDecoder {
  /** Begins a chunk. Throws `PointCloudError` unless its layers fit into its bytes. */
  open(content: Buffer, chunk: Chunk): void
  /** The next points of the chunk, as the whole numbers that the header's scale is for. */
  take(count: number, each: (x: number, y: number, z: number) => void): void
}

/**
 * laz-perf 0.0.7 decodes one chunk at a time, from its own memory. It reads beyond a broken chunk's end, at worst up to the end of
 * that memory, where the machine stops; what it made up until then is outside the header's bounds or of no harm. A layer's
 * length it believes, and would take two gigabytes for it: so lengths are checked here. A machine that stopped is not used
 * again, and is gone when nobody holds it.
 */
export async function newLazDecoder({ pointFormat, recordLength }: LasHeader): Promise<LazDecoder> {
  const machine = await newMachine()
  const point = machine._malloc(recordLength + 8)
  let opened: { decoder: InstanceType<LazPerf['ChunkDecoder']>; pointer: number; at: number } | null = null
  const close = () => {
    opened?.decoder.delete()
    if (opened) machine._free(opened.pointer)
    opened = null
  }
  return {
    open(content, chunk) {
      checkLayers(content, chunk, { pointFormat, recordLength })
      guarded(chunk.from, () => {
        close()
        const pointer = machine._malloc(content.length + paddingBytes)
        machine.HEAPU8.set(content, pointer)
        machine.HEAPU8.fill(0, pointer + content.length, pointer + content.length + paddingBytes)
        opened = { decoder: new machine.ChunkDecoder(), pointer, at: chunk.from }
        opened.decoder.open(pointFormat, recordLength, pointer)
      })
    },
    take(count, each) {
      const { decoder, at } = opened ?? missing()
      guarded(at, () => {
        const first = point >> 2
        for (let left = count; left > 0; left -= 1) {
          decoder.getPoint(point)
          // Its memory may have moved as it grew.
          const numbers = machine.HEAP32
          each(numbers[first] ?? 0, numbers[first + 1] ?? 0, numbers[first + 2] ?? 0)
        }
      })
    },
  }
}

/** The coder reads a few bytes ahead. */
const paddingBytes = 64

function missing(): never {
  throw new Error('No chunk is open.')
}

/** Whatever stops the machine says that the chunk is broken. */
function guarded(byte: number, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof PointCloudError) throw error
    throw new PointCloudError({ byte }, 'This chunk of points is broken.')
  }
}

/** Formats 6 to 8: the first point as it is, the count, the length of each layer, the layers. */
function checkLayers(
  content: Buffer,
  chunk: Chunk,
  { pointFormat, recordLength }: Pick<LasHeader, 'pointFormat' | 'recordLength'>,
): void {
  if (content.length < recordLength) throw new PointCloudError({ byte: chunk.from }, 'A chunk shorter than one point.')
  if (pointFormat < 6) return
  const extraBytes = recordLength - (leastRecordLengths[pointFormat] ?? 0)
  const layers = 9 + (pointFormat - 6) + extraBytes
  const head = recordLength + 4 + 4 * layers
  const at = chunk.from + recordLength
  if (content.length < head) throw new PointCloudError({ byte: at }, `A chunk without room for its ${layers} layers.`)
  const points = content.readUInt32LE(recordLength)
  if (points !== chunk.points)
    throw new PointCloudError({ byte: at }, `A chunk of ${points} points; its table says ${chunk.points}.`)
  let end = head
  for (let layer = 0; layer < layers; layer += 1) end += content.readUInt32LE(recordLength + 4 + 4 * layer)
  if (end > content.length)
    throw new PointCloudError({ byte: at }, `Layers of ${end} bytes in a chunk of ${content.length}.`)
}

/** It makes listeners of the whole process, which are not its to make. */
async function newMachine(): Promise<LazPerf> {
  const silent = { print: () => {}, printErr: () => {} }
  const kept = listened.map((event) => process.rawListeners(event))
  const machine = createLazPerf(silent) as Promise<unknown>
  listened.forEach((event, index) => {
    for (const listener of process.rawListeners(event))
      if (!kept[index]?.includes(listener)) process.off(event, listener as () => void)
  })
  return (await machine) as LazPerf
}

const listened = ['uncaughtException', 'unhandledRejection'] as const
