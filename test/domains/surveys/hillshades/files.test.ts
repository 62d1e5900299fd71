import { inflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { pngOf } from '../../../../src/domains/surveys/hillshades/png.ts'
import {
  type PlacedRelief,
  packRelief,
  unpackRelief,
} from '../../../../src/domains/surveys/hillshades/stored-relief.ts'

const relief: PlacedRelief = {
  lattice: { cellSize: 0.5, column: -3, row: 7, columns: 3, rows: 2 },
  mesh: { side: 2, west: 1.25, south: 2, east: 3, north: 4, x: [0, 1, 0, 1.1], y: [5, 5, 6, 6.2] },
  heights: Float32Array.from([1.5, Number.NaN, -2, 3e4, 0.1, 7]),
}

describe('a relief', () => {
  test('comes out of the store as it went in', async () => {
    expect(await unpackRelief(await packRelief(relief))).toEqual(relief)
  })

  test('of 512 x 512 cells fits', async () => {
    const heights = Float32Array.from({ length: 512 * 512 }, () => Math.random() * 1000)
    const large = { ...relief, lattice: { ...relief.lattice, columns: 512, rows: 512 }, heights }
    expect(await unpackRelief(await packRelief(large))).toEqual(large)
  })

  test('that is none is refused', async () => {
    await expect(unpackRelief(Buffer.from('something else'))).rejects.toThrow()
    const other = await packRelief({ ...relief, lattice: { ...relief.lattice, rows: 3 } })
    await expect(unpackRelief(other)).rejects.toThrow('This is no relief.')
  })
})

test('a PNG of grey and opacity, as the standard has it', async () => {
  // Two lines of two pixels.
  const pixels = Uint8Array.from([10, 255, 20, 0, 5, 255, 30, 255])
  const png = await pngOf({ width: 2, height: 2, pixels })
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  // IHDR: width, height, eight bits of grey with opacity.
  expect(png.subarray(12, 29).toString('hex')).toBe('4948445200000002000000020804000000')
  const length = png.readUInt32BE(33)
  expect(png.toString('latin1', 37, 41)).toBe('IDAT')
  expect([...inflateSync(png.subarray(41, 41 + length))]).toEqual([2, 10, 255, 20, 0, 2, 251, 0, 10, 255])
  // The end, with the check that every such file has.
  expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082')
})
