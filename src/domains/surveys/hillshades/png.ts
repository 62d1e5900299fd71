import { promisify } from 'node:util'
import { crc32, deflate } from 'node:zlib'
import type { Picture } from '../rules/map-picture.ts'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const greyWithOpacity = 4
/** Of a line: each byte less that above it. Neighbours are alike. */
const filterUp = 2

/** The picture as PNG: eight bits of grey, eight of opacity (ISO/IEC 15948). Compressed off this thread. */
export async function pngOf({ width, height, pixels }: Picture): Promise<Buffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, greyWithOpacity, 0, 0, 0], 8)
  const data = await promisify(deflate)(filtered(pixels, 2 * width))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function filtered(pixels: Uint8Array, lineBytes: number): Buffer {
  const lines = pixels.length / lineBytes
  const out = Buffer.alloc(pixels.length + lines)
  for (let line = 0; line < lines; line += 1) {
    const to = line * (lineBytes + 1)
    out[to] = filterUp
    for (let at = 0; at < lineBytes; at += 1) {
      const from = line * lineBytes + at
      const above = line === 0 ? 0 : (pixels[from - lineBytes] as number)
      out[to + 1 + at] = (pixels[from] as number) - above
    }
  }
  return out
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
