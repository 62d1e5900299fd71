import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'
import { mostReliefCells, type Relief } from '../rules/hillshade.ts'
import type { Lattice } from '../rules/lattice.ts'
import type { Mesh } from '../rules/map-picture.ts'

/** A scan's surface and where it lies on a map: all that its picture is drawn from. */
export interface PlacedRelief extends Relief {
  readonly mesh: Mesh
}

interface Header {
  readonly format: 'kitaab relief 1'
  readonly lattice: Lattice
  readonly mesh: Mesh
}

/** What a relief may come to, unpacked: its heights, and as much again for its header. */
const mostBytes = 2 * 4 * mostReliefCells ** 2

/**
 * How a relief is kept: deflated, the length of its header in four bytes, the header as JSON with blanks up to a multiple of
 * four, then its heights as IEEE 754 singles; all little-endian.
 */
export async function packRelief({ lattice, mesh, heights }: PlacedRelief): Promise<Buffer> {
  const header: Header = { format: 'kitaab relief 1', lattice, mesh }
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.alloc(Math.ceil(text.length / 4) * 4, ' ')
  text.copy(padded)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(padded.length)
  const singles = Buffer.alloc(4 * heights.length)
  heights.forEach((height, at) => {
    singles.writeFloatLE(height, 4 * at)
  })
  return promisify(deflate)(Buffer.concat([length, padded, singles]))
}

/** The relief that was packed. Throws when it is something else. */
export async function unpackRelief(packed: Uint8Array): Promise<PlacedRelief> {
  const bytes: Buffer = await promisify(inflate)(packed, { maxOutputLength: mostBytes })
  const start = 4 + bytes.readUInt32LE(0)
  const { format, lattice, mesh }: Header = JSON.parse(bytes.toString('utf8', 4, start))
  const cells = lattice.columns * lattice.rows
  if (format !== 'kitaab relief 1' || bytes.length !== start + 4 * cells) throw new Error('This is no relief.')
  const heights = Float32Array.from({ length: cells }, (_, at) => bytes.readFloatLE(start + 4 * at))
  return { lattice, mesh, heights }
}
