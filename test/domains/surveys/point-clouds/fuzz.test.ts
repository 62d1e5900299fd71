import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { withFile } from '../../../../src/domains/surveys/point-clouds/file-slices.ts'
import { readChunkTable } from '../../../../src/domains/surveys/point-clouds/las/chunk-table.ts'
import { openPointCloud, PointCloudError } from '../../../../src/domains/surveys/point-clouds/point-cloud.ts'
import { lasFile } from '../../../support/las-writer.ts'
import { chunkTable, lazFile } from '../../../support/laz-writer.ts'
import { temporaryFiles } from '../../../support/temporary-files.ts'

let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  files = await temporaryFiles()
})
afterAll(() => files.removeAll())

const points = Array.from({ length: 40 }, (_, index) => [index, index * 2, index % 7] as const)
const well = [
  lasFile({ points, geoKeys: [[3072, 26_910]], wkt: 'PROJCS["x"]' }),
  lasFile({ points, version: '1.4', pointFormat: 7, wkt: 'PROJCS["x"]', wktBehind: true }),
  lazFile({ points, pointFormat: 3, geoKeys: [[3072, 26_910]] }),
  lazFile({ points, version: '1.4', pointFormat: 8, varyingChunks: true, extraBytes: 3 }),
  Buffer.from(`x,y,z\n${points.map((point) => point.join(',')).join('\n')}`),
]

/** Reads all there is: it ends well, or as a `PointCloudError`, with as many points as its header says. */
async function readOrRefuse(content: Buffer): Promise<void> {
  const path = await files.write('fuzzed', content)
  try {
    const { header, points } = await openPointCloud(path)
    let count = 0
    for await (const { length } of points()) count += length
    expect(count).toBe(header.pointCount)
  } catch (error) {
    if (!(error instanceof PointCloudError)) throw error
    expect(error.message).toMatch(/^(At byte|In line) \d+: /)
  }
}

/** Bytes written over, at places of which most lie in the header. */
const changes = fc.array(
  fc.record({
    at: fc.oneof({ weight: 3, arbitrary: fc.nat(400) }, { weight: 2, arbitrary: fc.nat(20_000) }),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.constantFrom(Uint8Array.from([255, 255, 255, 255]), new Uint8Array(8), new Uint8Array(8).fill(255)),
    ),
  }),
  { minLength: 1, maxLength: 4 },
)

function changed(file: Buffer, made: readonly { at: number; bytes: Uint8Array }[]): Buffer {
  const copy = Buffer.from(file)
  for (const { at, bytes } of made) if (at + bytes.length <= copy.length) copy.set(bytes, at)
  return copy
}

test('any bytes, also behind the beginning of a header', async () => {
  const beginnings = fc.constantFrom('', 'LASF', '1 2 3\n', 'x;y;z\n').map((text) => Buffer.from(text))
  await fc.assert(
    fc.asyncProperty(beginnings, fc.uint8Array({ maxLength: 2000 }), (beginning, bytes) =>
      readOrRefuse(Buffer.concat([beginning, bytes])),
    ),
    { numRuns: 200 },
  )
})

test('good files with bytes of theirs changed, and cut off', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...well), changes, fc.option(fc.nat(4000)), (file, made, cut) =>
      readOrRefuse(changed(file, made).subarray(0, cut ?? undefined)),
    ),
    { numRuns: 300 },
  )
})

test('a real compressed file with bytes of it changed, in memory that does not grow', async () => {
  const real = await readFile(new URL('./files/point-color-time.laz', import.meta.url))
  const before = process.memoryUsage().rss
  await fc.assert(
    fc.asyncProperty(changes, (made) => readOrRefuse(changed(real, made))),
    { numRuns: 60 },
  )
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024)
}, 60_000)

test('a table of chunks says what was written into it', async () => {
  const chunk = fc.record({
    points: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 400_000_000 })),
    bytes: fc.oneof(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 1, max: 30_000_000 })),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength: 400 }), async (chunks) => {
      // The points are not there: only the table is read, at a place as far away as they would reach.
      const total = chunks.reduce((sum, { bytes }) => sum + bytes, 8)
      const place = Buffer.alloc(8)
      place.writeBigInt64LE(BigInt(total))
      const whole = Buffer.concat([place, chunkTable(chunks, true)])
      const path = await files.write('table', whole)
      const pointCount = chunks.reduce((sum, { points }) => sum + points, 0)
      const read = await withFile(path, ({ read }) => {
        const file = { bytes: total + whole.length - 8, read: distantRead(read, total) }
        return readChunkTable({ file, from: 0, pointCount, chunkSize: 0xffff_ffff })
      })
      expect(read.map(({ points, bytes }) => ({ points, bytes }))).toEqual(chunks)
    }),
    { numRuns: 40 },
  )
})

type Read = (from: number, length: number, what: string) => Promise<Buffer>
function distantRead(read: Read, tableAt: number): Read {
  return (from, length, what) => read(from < tableAt ? from : from - tableAt + 8, length, what)
}
