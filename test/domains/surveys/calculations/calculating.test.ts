import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type CloudFile, calculate } from '../../../../src/domains/surveys/calculations/calculate.ts'
import { calculateApart } from '../../../../src/domains/surveys/calculations/calculate-apart.ts'
import { metresPerDegree } from '../../../../src/domains/surveys/rules/points.ts'
import { temporaryFiles } from '../../../support/temporary-files.ts'
import { cone, flat, hemisphere, type Point, sampled } from '../rules/clouds.ts'

let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  files = await temporaryFiles()
})
afterAll(() => files.removeAll())

const { signal } = new AbortController()
const metres = { metresPerUnit: 1, metresPerHeightUnit: 1 }

async function xyz(
  name: string,
  points: readonly Point[],
  units: Omit<CloudFile, 'path'> = metres,
): Promise<CloudFile> {
  const lines = points.map((point) => point.join(' '))
  return { path: await files.write(name, `${lines.join('\n')}\n`), ...units }
}

/** Somewhere in zone 36 of UTM. */
const inEgypt = ([x, y, z]: Point): Point => [x + 330_000, y + 3_320_000, z]

describe('from files', () => {
  test('the volume of half a ball, in feet as in metres', async () => {
    const [radius, foot] = [20, 0.3048]
    const dome = sampled(hemisphere(radius), 24, 0.5).map(inEgypt)
    const inFeet = dome.map(([x, y, z]): Point => [x / foot, y / foot, z / foot])
    const measure = { kind: 'volume', cellSize: 1, baseHeight: 0 } as const
    const exact = (2 * Math.PI * radius ** 3) / 3
    // As in the tests of volumes: spacing x sqrt(2) x the integral of the slope.
    const tolerance = 0.5 * Math.SQRT2 * (Math.PI ** 2 / 2) * radius ** 2
    for (const file of [
      await xyz('dome.xyz', dome),
      await xyz('feet.xyz', inFeet, { metresPerUnit: foot, metresPerHeightUnit: foot }),
    ]) {
      const { cut } = await calculate(measure, [file])
      expect(Math.abs(cut - exact)).toBeLessThan(tolerance)
    }
  })

  test('degrees become metres around the middle of both scans', async () => {
    const degree = metresPerDegree(30)
    const inDegrees = ([x, y, z]: Point): Point => [31 + x / degree.x, 30 + y / degree.y, z]
    const units = { metresPerUnit: null, metresPerHeightUnit: 1 }
    const before = await xyz('before.xyz', sampled(flat(10), 20, 0.5).map(inDegrees), units)
    const after = await xyz('after.xyz', sampled((x, y) => 10 + (cone(8, 6)(x, y) ?? 0), 20, 0.5).map(inDegrees), units)
    const { gain, loss, comparedArea } = await calculate({ kind: 'difference', cellSize: 1 }, [before, after])
    expect(Math.abs(gain - (Math.PI * 8 ** 2 * 6) / 3)).toBeLessThan(0.5 * Math.SQRT2 * Math.PI * 8 * 6)
    expect(loss).toBe(0)
    // The edges of 40 m x 40 m fall into cells of their own: at most 42 x 42, at least 40 x 40.
    expect(comparedArea).toBeGreaterThanOrEqual(1600)
    expect(comparedArea).toBeLessThanOrEqual(1764)
  })

  test('a compressed one', async () => {
    const file = path.join(import.meta.dirname, '../point-clouds/files/point-color-time.laz')
    const laz: CloudFile = { path: file, ...metres }
    const { pointCount, percentiles } = await calculate({ kind: 'heights', percentiles: [0, 50, 100] }, [laz])
    expect(pointCount).toBe(1065)
    expect(percentiles.every(({ errorBound }) => errorBound === 0)).toBe(true)
    const relief = await calculate({ kind: 'relief' }, [laz])
    expect(relief.heights).toHaveLength(relief.lattice.columns * relief.lattice.rows)
    expect(relief.heights.some((height) => !Number.isNaN(height))).toBe(true)
  })

  test('two scans are compared, and one is measured', async () => {
    const file = await xyz('one.xyz', [[0, 0, 1]])
    await expect(calculate({ kind: 'difference', cellSize: 1 }, [file])).rejects.toThrow('not made of 1 scans')
    await expect(calculate({ kind: 'heights', percentiles: [] }, [file, file])).rejects.toThrow('not made of 2 scans')
  })
})

describe('in a thread', () => {
  test('the answer is the same, to the bit, and progress is told', async () => {
    const file = await xyz('hills.xyz', sampled(cone(20, 12), 24, 0.2).map(inEgypt))
    const measure = { kind: 'volume', cellSize: 0.5, baseHeight: 3.3 } as const
    const shares: number[] = []
    const apart = await calculateApart(measure, [file], { signal, onProgress: (share) => shares.push(share) })
    expect(apart).toEqual(await calculate(measure, [file]))
    expect(shares).toEqual(shares.toSorted((one, other) => one - other))
    expect(shares.at(-1)).toBe(1)
  })

  test('what is wrong with a file is told in a sentence, with its place and without its path', async () => {
    const broken: CloudFile = { path: await files.write('broken.xyz', '1 2 3\n4 5\n'), ...metres }
    const measured = calculateApart({ kind: 'heights', percentiles: [50] }, [broken], { signal })
    await expect(measured).rejects.toMatchObject({
      name: 'UnfitPoints',
      message: expect.stringMatching(/^In line 2: /),
    })
    await expect(measured).rejects.not.toThrow(path.dirname(broken.path))
  })

  test('cells that are too many, heights that are none', async () => {
    const wide = await xyz('wide.xyz', [
      [0, 0, 1],
      [50_000, 50_000, 2],
    ])
    await expect(calculateApart({ kind: 'volume', cellSize: 1, baseHeight: 0 }, [wide], { signal })).rejects.toThrow(
      'A cell size of 36 m would do.',
    )
    const high = { ...wide, metresPerHeightUnit: 100_000 }
    await expect(calculateApart({ kind: 'heights', percentiles: [50] }, [high], { signal })).rejects.toThrow(
      'is its unit right?',
    )
  })

  test('one that takes too long is left, and so is one that nobody waits for', async () => {
    const file = await xyz('long.xyz', sampled(flat(1), 50, 0.25))
    const measure = { kind: 'heights', percentiles: [50] } as const
    await expect(calculateApart(measure, [file], { signal, timeoutMs: 1 })).rejects.toThrow(
      'It takes longer than 0.001 s.',
    )
    const leaving = new AbortController()
    const left = calculateApart(measure, [file], { signal: leaving.signal })
    leaving.abort(new Error('the worker ends'))
    await expect(left).rejects.toThrow('the worker ends')
    await expect(calculateApart(measure, [file], { signal: leaving.signal })).rejects.toThrow('the worker ends')
  })
})
