import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { lasFile } from '../../../support/las-writer.ts'
import { lazFile } from '../../../support/laz-writer.ts'
import { temporaryFiles } from '../../../support/temporary-files.ts'
import { readWhole } from './reading.ts'

let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  files = await temporaryFiles()
})
afterAll(() => files.removeAll())

const real = new URL('./files/point-color-time.laz', import.meta.url).pathname
const square = [
  [500_000, 4_000_000, 10],
  [500_010.25, 4_000_000, 11.5],
  [500_010.25, 4_000_020.75, -3.01],
] as const

async function whole(content: Buffer) {
  return readWhole(await files.write('cloud', content))
}

async function refusal(content: Buffer): Promise<string> {
  return whole(content).then(
    () => 'It was read.',
    (error: Error) => `${error.name}: ${error.message}`,
  )
}

/** A file with some bytes of it written over. */
function changed(file: Buffer, change: (file: Buffer) => unknown): Buffer {
  const copy = Buffer.from(file)
  change(copy)
  return copy
}

describe('what is not as it says', () => {
  const las = lasFile({ points: square })
  const bignum = 0xffff_ffff
  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'At byte 0: The file is empty.'],
    ['a header that ends', las.subarray(0, 100), 'At byte 0: The header would end at byte 227; the file has 100.'],
    [
      'another version',
      changed(las, (file) => file.writeUInt8(1, 25)),
      'At byte 24: LAS 1.2, 1.3 and 1.4 are read; this says 1.1.',
    ],
    [
      'a short header',
      changed(las, (file) => file.writeUInt16LE(10, 94)),
      'At byte 94: A header of LAS 1.2 has at least 227 bytes; this one says 10.',
    ],
    [
      'an unknown point format',
      changed(las, (file) => file.writeUInt8(11, 104)),
      'At byte 104: LAS 1.2 has no point format 11.',
    ],
    [
      'short records',
      changed(las, (file) => file.writeUInt16LE(19, 105)),
      'At byte 105: A point of format 0 has at least 20 bytes; this says 19.',
    ],
    [
      'points beyond the end',
      changed(las, (file) => file.writeUInt32LE(bignum, 96)),
      `At byte 96: Points would begin at byte ${bignum}; the header has 227 bytes and the file 287.`,
    ],
    [
      'more points than there are',
      changed(las, (file) => file.writeUInt32LE(4, 107)),
      'At byte 287: The file ends here; its 4 points of 20 bytes would end at byte 307.',
    ],
    [
      'four billion points',
      changed(las, (file) => file.writeUInt32LE(bignum, 107)),
      `At byte 107: It would have ${bignum} points; at most 500000000 are read. Split the file.`,
    ],
    [
      'a file cut off',
      las.subarray(0, 280),
      'At byte 280: The file ends here; its 3 points of 20 bytes would end at byte 287.',
    ],
    [
      'a scale of zero',
      changed(las, (file) => file.writeDoubleLE(0, 139)),
      'At byte 139: A scale of 0 tells no place.',
    ],
    [
      'a scale that is no number',
      changed(las, (file) => file.writeDoubleLE(Number.NaN, 131)),
      'At byte 131: A scale of NaN tells no place.',
    ],
    [
      'an offset without end',
      changed(las, (file) => file.writeDoubleLE(Number.NEGATIVE_INFINITY, 171)),
      'At byte 171: An offset of -Infinity is no coordinate.',
    ],
    [
      'bounds the wrong way round',
      changed(las, (file) => file.writeDoubleLE(1, 179)),
      'At byte 179: No points lie between 500000 and 1.',
    ],
    [
      'a point outside its bounds',
      changed(las, (file) => file.writeDoubleLE(11.4, 211)),
      'At byte 247: A point at (500010.25, 4000000, 11.5) lies outside the bounds of the header.',
    ],
    [
      'records beyond the points',
      changed(las, (file) => file.writeUInt32LE(1, 100)),
      'At byte 227: A variable record of 62593 bytes would go beyond byte 227.',
    ],
    [
      'four billion records',
      changed(las, (file) => file.writeUInt32LE(bignum, 100)),
      `At byte 100: It would have ${bignum} variable records.`,
    ],
  ])('%s', async (_, file, message) => {
    expect(await refusal(file)).toBe(`PointCloudError: ${message}`)
  })

  const newest = lasFile({ points: square, version: '1.4', pointFormat: 6, wkt: 'PROJCS["x"]', wktBehind: true })
  test.each<[string, Buffer, string]>([
    [
      'two counts',
      changed(newest, (file) => file.writeUInt32LE(2, 107)),
      'At byte 107: The header says 2 points here and 3 at byte 247.',
    ],
    [
      '2^64 points',
      changed(newest, (file) => file.writeBigUInt64LE(2n ** 64n - 1n, 247)),
      `At byte 247: It would have ${2n ** 64n - 1n} points; at most 500000000 are read. Split the file.`,
    ],
    [
      'a record of 2^64 bytes',
      changed(newest, (file) => file.writeBigUInt64LE(2n ** 64n - 1n, 375 + 90 + 20)),
      'At byte 465: A variable record of 18446744073709552000 bytes would go beyond byte 537.',
    ],
    [
      'records at 2^64',
      changed(newest, (file) => file.writeBigUInt64LE(2n ** 64n - 1n, 235)),
      'At byte 537: The head of a variable record would end at byte 18446744073709552000; the file has 537.',
    ],
  ])('LAS 1.4 with %s', async (_, file, message) => {
    expect(await refusal(file)).toBe(`PointCloudError: ${message}`)
  })
})

describe('what is compressed and not as it says', () => {
  const laz = lazFile({ points: square })
  const layered = lazFile({ points: square, version: '1.4', pointFormat: 6 })
  const content = 227 + 54
  const from = content + 40
  const bignum = 0xffff_ffff
  const chunk = 375 + 94 + 8
  test.each<[string, Buffer, string]>([
    [
      'waveforms',
      changed(lazFile({ points: square, version: '1.4', pointFormat: 9 }), () => {}),
      'At byte 104: Compressed points with waveforms (format 9) are not read. Send it as LAS.',
    ],
    [
      'another compressor',
      changed(laz, (file) => file.writeUInt16LE(1, content)),
      'At byte 281: Points of format 0 compressed in way 1 are not read. Write it again with LASzip 3.',
    ],
    [
      'chunks of nothing',
      changed(laz, (file) => file.writeUInt32LE(0, content + 12)),
      'At byte 293: Chunks of no points.',
    ],
    [
      'parts that are no point',
      changed(laz, (file) => file.writeUInt16LE(21, content + 36)),
      'At byte 313: The parts of a point have 21 bytes; the header says 20.',
    ],
    [
      'old parts',
      changed(laz, (file) => file.writeUInt16LE(1, content + 38)),
      'At byte 315: It is compressed as before LASzip 2. Write it again with LASzip 3.',
    ],
    [
      'no word on its compression',
      changed(lasFile({ points: square }), (file) => file.writeUInt8(0x80, 104)),
      'At byte 227: It has compressed points and does not say how.',
    ],
    [
      'the oldest compression',
      changed(laz, (file) => file.writeUInt8(0xc0, 104)),
      'At byte 104: It is compressed as before LASzip 2. Write it again with a newer LASzip.',
    ],
    [
      'a table beyond the end',
      changed(laz, (file) => file.writeBigInt64LE(2n ** 62n, from)),
      `At byte 321: The table of chunks would be at byte ${2n ** 62n}; the file has ${laz.length}.`,
    ],
    [
      'a table before the points',
      changed(laz, (file) => file.writeBigInt64LE(-5n, from)),
      `At byte 321: The table of chunks would be at byte -5; the file has ${laz.length}.`,
    ],
    [
      'a table of billions',
      changed(laz, (file) => file.writeUInt32LE(bignum, from + 8 + 72 + 4)),
      `At byte 405: The table has ${bignum} chunks for 3 points.`,
    ],
    [
      'a table with fewer points',
      changed(laz, (file) => file.writeUInt32LE(2, from + 8 + 72 + 4)),
      'At byte 401: The chunks have 2 points; the header says 3.',
    ],
    [
      'a table of nonsense',
      changed(laz, (file) => file.fill(0xff, from + 8 + 72 + 8)),
      'At byte 409: The table of chunks is broken: No coder writes this.',
    ],
    [
      'another count in a chunk',
      changed(layered, (file) => file.writeUInt32LE(7, chunk + 30)),
      'At byte 507: A chunk of 7 points; its table says 1.',
    ],
    [
      'a layer of four gigabytes',
      changed(layered, (file) => file.writeUInt32LE(bignum, chunk + 34)),
      `At byte 507: Layers of ${70 + bignum} bytes in a chunk of 70.`,
    ],
  ])('%s', async (_, file, message) => {
    expect(await refusal(file)).toBe(`PointCloudError: ${message}`)
  })

  test('a small file of very many points, all alike', async () => {
    const bomb = lazFile({ points: [[1, 2, 3]], varyingChunks: false })
    bomb.writeUInt32LE(400_000_000, 107)
    bomb.writeUInt32LE(400_000_000, content + 12)
    expect(await refusal(bomb)).toBe(
      'PointCloudError: At byte 329: 400000000 points in 24 bytes: nothing measured is so alike.',
    )
  })

  test('a real file cut off, and one whose chunk is nonsense', async () => {
    const file = await readFile(real)
    expect(await refusal(file.subarray(0, 9000))).toMatch(
      /^PointCloudError: At byte \d+: The table of chunks would be at byte/,
    )
    expect(await refusal(changed(file, (copy) => copy.fill(0x5a, 2000, 12_000)))).toMatch(
      /^PointCloudError: At byte \d+: /,
    )
  })
})
