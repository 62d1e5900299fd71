import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openPointCloud } from '../../../../src/domains/surveys/point-clouds/point-cloud.ts'
import { temporaryFiles } from '../../../support/temporary-files.ts'
import { readWhole } from './reading.ts'

let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  files = await temporaryFiles()
})
afterAll(() => files.removeAll())

async function whole(content: string | Buffer) {
  return readWhole(await files.write('cloud.xyz', content))
}

const three = [
  [1.5, -2, 30],
  [4, 5e2, 0.25],
  [-7, 8, 9],
]

describe('points as text', () => {
  test.each([
    ['blanks', '1.5 -2 30\n4   5e2  .25\n  -7 8 9'],
    ['tabs', '1.5\t-2\t30\r\n4\t5e2\t0.25\r\n-7\t8\t9\r\n'],
    ['commas', '1.5,-2,30\n4, 5E+2, 0.25\n-7,8,9,"a name, not told",255\n'],
    ['semicolons', '1.5;-2;30\n4;500.;+0.25\n-7;8;9\n\n'],
    ['names of columns', 'id,Z,"x",Y\n1,30,1.5,-2\n2,0.25,4,500\n3,9,-7,8\n'],
    ['names of another kind', '\ufeffEasting;Northing;Elevation\n1.5;-2;30\n4;500;.25\n-7;8;9'],
    ['comments', '# a scan\n// X Y Z\n\n1.5 -2 30 255 255 255\n# between\n4 500 .25\n-7 8 9 \u00fcber\n'],
  ])('set apart by %s', async (_, text) => {
    const { header, points } = await whole(text)
    expect(points).toEqual(three)
    expect(header).toEqual({
      format: 'xyz',
      version: null,
      pointCount: 3,
      min: [-7, -2, 0.25],
      max: [4, 500, 30],
      crs: null,
      metresPerHeightUnit: null,
      capturedAt: null,
    })
  })

  test('lines that reach over pieces of the file, and more points than a batch has', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `${index} ${index / 4} -${index}.125`)
    const { header, points } = await whole(lines.join('\n'))
    expect([header.pointCount, header.max]).toEqual([50_000, [49_999, 12_499.75, -0.125]])
    expect(points.every(([x, y, z], index) => x === index && y === index / 4 && z === -index - 0.125)).toBe(true)
  })
})

describe('text that is no cloud', () => {
  test.each<[string, string | Buffer, string]>([
    ['no point', '# nothing\n\n', 'In line 1: No line of the file is a point.'],
    [
      'prose',
      'Dear reader,\n',
      'In line 1: This is neither a point nor names of columns. Call them x, y and z, or leave the line out.',
    ],
    ['a word among points', '1 2 3\n4 5 six\n', 'In line 2: z is `six`, which is no coordinate.'],
    ['too few columns', '1 2 3\n\n4 5\n', 'In line 3: It has 2 columns; x, y and z are in the first 3.'],
    ['no number', '1 2 3\n1 NaN 3\n', 'In line 2: y is `NaN`, which is no coordinate.'],
    ['no end', '1 2 3\n1e400 2 3\n', 'In line 2: x is `1e400`, which is no coordinate.'],
    ['another base', '1 2 3\n0x10 2 3\n', 'In line 2: x is `0x10`, which is no coordinate.'],
    [
      'decimals with commas',
      '1;2;3\n1;2,5;3\n',
      'In line 2: y is `2,5`, which is no coordinate. Decimals have a point.',
    ],
    [
      'wrong UTF-8',
      Buffer.from('1 2 3\n1 \xff\xfe\x1b[2J 3\n', 'latin1'),
      'In line 2: y is `???[2J`, which is no coordinate.',
    ],
    [
      'another encoding',
      Buffer.from('1 2 3\n', 'utf16le'),
      'At byte 1: A zero: this is no text, or not of UTF-8. LAS begins with `LASF`.',
    ],
  ])('%s', async (_, text, message) => {
    await expect(whole(text)).rejects.toMatchObject({ name: 'PointCloudError', message })
  })

  test('a line without end is left where it becomes too long, whatever follows', async () => {
    const file = path.join(files.folder, 'endless.xyz')
    const piece = Buffer.alloc(1024 * 1024, '7')
    await pipeline(
      Readable.from([Buffer.from('1 2 3\n'), ...Array.from({ length: 64 }, () => piece)]),
      createWriteStream(file),
    )
    await expect(openPointCloud(file)).rejects.toThrow('In line 2: The line has more than 65536 characters.')
  })

  test('a format that is told and not there', async () => {
    const text = await files.write('told.las', '1 2 3\n')
    await expect(openPointCloud(text, { format: 'laz' })).rejects.toThrow('At byte 0: A LAZ file begins with `LASF`')
    const las = await files.write('told.xyz', 'LASF')
    await expect(openPointCloud(las, { format: 'xyz' })).rejects.toThrow('This is no text')
  })

  test('reading ends when nobody waits for it', async () => {
    const file = await files.write('left.xyz', '1 2 3\n'.repeat(100_000))
    const leaving = new AbortController()
    const opening = openPointCloud(file, { signal: leaving.signal })
    leaving.abort(new Error('The worker ends.'))
    await expect(opening).rejects.toThrow()
  })
})
