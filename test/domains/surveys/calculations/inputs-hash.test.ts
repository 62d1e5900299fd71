import { expect, test } from '@jest/globals'
import { type HashedScan, inputsHash } from '../../../../src/domains/surveys/calculations/inputs-hash.ts'

const scan: HashedScan = {
  sha256: 'aa',
  footprintSha256: 'bb',
  crs: 'EPSG:26910',
  metresPerUnit: 1,
  metresPerHeightUnit: 1,
}
const other = { ...scan, sha256: 'cc' }

test('SUR-1 whatever can change a result changes the hash', () => {
  const hashes = [
    inputsHash('volume', { cellSize: 1, baseHeight: 0 }, [scan]),
    inputsHash('volume', { cellSize: 2, baseHeight: 0 }, [scan]),
    inputsHash('volume', { cellSize: 1, baseHeight: 1 }, [scan]),
    inputsHash('volume', { cellSize: 1, baseHeight: 0 }, [other]),
    inputsHash('volume', { cellSize: 1, baseHeight: 0 }, [{ ...scan, metresPerUnit: 0.3048 }]),
    inputsHash('volume', { cellSize: 1, baseHeight: 0 }, [{ ...scan, metresPerHeightUnit: 0.3048 }]),
    inputsHash('density', { cellSize: 1 }, [scan]),
    inputsHash('density', { cellSize: 1 }, [{ ...scan, footprintSha256: 'dd' }]),
    inputsHash('difference', { cellSize: 1 }, [scan, other]),
    inputsHash('difference', { cellSize: 1 }, [other, scan]),
    inputsHash('heights', { percentiles: [5, 50] }, [scan]),
    inputsHash('heights', { percentiles: [5] }, [scan]),
    inputsHash('area', {}, [scan]),
    inputsHash('area', {}, [{ ...scan, footprintSha256: 'dd' }]),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
})

test('SUR-1 what can not change it does not', () => {
  expect(inputsHash('volume', { baseHeight: 0, cellSize: 1 }, [{ ...scan, footprintSha256: null }])).toBe(
    inputsHash('volume', { cellSize: 1, baseHeight: 0 }, [scan]),
  )
  expect(inputsHash('area', {}, [other])).toBe(inputsHash('area', {}, [scan]))
})
