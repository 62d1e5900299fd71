import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openPointCloud } from '../../../../src/domains/surveys/point-clouds/point-cloud.ts'
import { type LasContent, lasFile } from '../../../support/las-writer.ts'
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

describe('LAS', () => {
  test.each([
    ...[0, 1, 2, 3].map((pointFormat) => ({ version: '1.2', pointFormat }) as const),
    ...[4, 5].map((pointFormat) => ({ version: '1.3', pointFormat }) as const),
    ...[6, 7, 8, 9, 10, 0].map((pointFormat) => ({ version: '1.4', pointFormat }) as const),
  ])('of version $version and point format $pointFormat', async (kind) => {
    const { header, points } = await whole(
      lasFile({ ...kind, points: square, extraBytes: 3, offset: [500_000, 4_000_000, 0] }),
    )
    expect(points).toEqual(square.map((point) => point.map((value) => expect.closeTo(value, 9))))
    expect(header).toEqual({
      format: 'las',
      version: kind.version,
      pointCount: 3,
      min: [500_000, 4_000_000, expect.closeTo(-3.01, 9)],
      max: [500_010.25, 4_000_020.75, 11.5],
      crs: null,
      metresPerHeightUnit: null,
      capturedAt: null,
    })
  })

  test('a cloud of no point is one', async () => {
    const { header, points } = await whole(lasFile({ points: [], version: '1.3' }))
    expect([header.pointCount, header.min, points]).toEqual([0, [0, 0, 0], []])
  })

  test('more points than a batch has come in their order, from the first batch again when asked again', async () => {
    const many = Array.from({ length: 40_000 }, (_, index) => [index / 100, 0, 0] as const)
    const cloud = await openPointCloud(await files.write('many.las', lasFile({ points: many })))
    for (const _ of ['once', 'again']) {
      const seen: number[] = []
      for await (const { length, x } of cloud.points()) seen.push(...x.subarray(0, length))
      expect(seen).toEqual(many.map(([x]) => expect.closeTo(x, 9)))
    }
  })

  const withCrs = (content: Partial<LasContent>) =>
    whole(lasFile({ points: square, ...content })).then(({ header }) => header.crs)
  test('the CRS is an EPSG code of GeoTIFF, or well-known text of either user, also behind the points', async () => {
    expect(
      await withCrs({
        geoKeys: [
          [1024, 1],
          [3072, 26_910],
        ],
      }),
    ).toEqual({ epsg: 26_910 })
    expect(
      await withCrs({
        geoKeys: [
          [1024, 2],
          [2048, 4326],
        ],
      }),
    ).toEqual({ epsg: 4326 })
    expect(await withCrs({ wkt: 'PROJCS["of its own"]' })).toEqual({ wkt: 'PROJCS["of its own"]' })
    expect(await withCrs({ wkt: 'PROJCS["of its own"]', wktUser: 'liblas' })).toEqual({ wkt: 'PROJCS["of its own"]' })
    expect(await withCrs({ wkt: 'PROJCS["behind"]', wktBehind: true, version: '1.4' })).toEqual({
      wkt: 'PROJCS["behind"]',
    })
  })

  test('of two ways to tell the CRS the header says which, and a code that is user-defined is none', async () => {
    const both = { geoKeys: [[3072, 26_910]], wkt: 'PROJCS["text"]' } as const
    expect(await withCrs(both)).toEqual({ epsg: 26_910 })
    expect(await withCrs({ ...both, prefersWkt: true })).toEqual({ wkt: 'PROJCS["text"]' })
    expect(await withCrs({ geoKeys: [[3072, 32_767]], wkt: 'PROJCS["text"]' })).toEqual({ wkt: 'PROJCS["text"]' })
    expect(await withCrs({ geoKeys: [[3072, 32_767]] })).toBeNull()
  })

  test('the unit of heights, and the day of its creation', async () => {
    const { header } = await whole(lasFile({ points: square, geoKeys: [[4099, 9003]], created: [2024, 366] }))
    expect(header.metresPerHeightUnit).toBeCloseTo(0.3048006, 7)
    expect(header.capturedAt).toEqual(new Date('2024-12-31T00:00:00Z'))
    expect((await whole(lasFile({ points: square, created: [2023, 366] }))).header.capturedAt).toBeNull()
  })
})

describe('LAZ', () => {
  test('a real file, whose points fill the bounds of its header', async () => {
    const { header, points } = await readWhole(real)
    expect(header).toMatchObject({ format: 'laz', version: '1.2', pointCount: 1065, crs: { epsg: 26_910 } })
    for (const axis of [0, 1, 2] as const) {
      expect(Math.min(...points.map((point) => point[axis]))).toBeCloseTo(header.min[axis], 6)
      expect(Math.max(...points.map((point) => point[axis]))).toBeCloseTo(header.max[axis], 6)
    }
    // As the same file says it where it is not compressed.
    expect(points[0]).toEqual([494_428.61, 4_877_455.58, 131.57].map((value) => expect.closeTo(value, 6)))
    expect(points.at(-1)).toEqual([494_490.24, 4_878_741.67, 129.21].map((value) => expect.closeTo(value, 6)))
    expect(points.reduce((sum, [, , z]) => sum + z, 0)).toBeCloseTo(140_913.34, 4)
  })

  test.each([0, 1, 2, 3, 6, 7, 8])('of point format %i, in chunks of one size and of any', async (pointFormat) => {
    const points = Array.from({ length: 600 }, (_, index) => [index, index * 2, index % 7] as const)
    const version = pointFormat < 6 ? '1.2' : '1.4'
    for (const way of [{}, { varyingChunks: true }, { tablePlaceLast: true }]) {
      const read = await whole(lazFile({ points, pointFormat, version, extraBytes: 2, ...way }))
      expect(read.points).toEqual(points)
      expect(read.header.format).toBe('laz')
    }
  })

  test('it leaves no listener on the process', async () => {
    const before = process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')
    await readWhole(real)
    expect(process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')).toBe(before)
  })
})
