import { expect, test } from '@jest/globals'
import { runJobs } from '../../../support/jobs.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { cone, flat, hemisphere, sampled, tilted } from '../rules/clouds.ts'
import { withCalculations } from './calculations-world.ts'

describeWithPostgis('calculations', () => {
  const { shared, scanOf, requested, calculation, calculated } = withCalculations()

  test('SUR-1 a volume is asked for, worked out behind the request, and told with all that went in', async () => {
    const scan = await scanOf(sampled(flat(5), 10, 0.5))
    const asked = await requested('VOLUME', [scan], { cellSize: 1, baseHeight: 2 })
    expect(asked).toMatchObject({
      kind: 'VOLUME',
      status: 'WAITING',
      progress: null,
      finishedAt: null,
      cellSize: 1,
      baseHeight: 2,
      percentiles: null,
      algorithmVersion: 1,
      isRepeated: false,
      project: { id: shared.projectId },
      scans: [{ id: scan }],
      result: null,
    })
    await runJobs(shared.service)
    expect(await calculation(asked.id)).toEqual({
      ...asked,
      status: 'SUCCEEDED',
      progress: 1,
      finishedAt: expect.any(String),
      result: {
        __typename: 'VolumeResult',
        ...{ cut: 1200, fill: 0, net: 1200, occupiedCells: 400, occupiedArea: 400, emptyArea: 0, enclosedEmptyArea: 0 },
      },
    })
    // That its points were read is known, so that they stay at hand.
    expect((await shared.surveys.node(shared.leila, scan)).data.node.lastReadAt).not.toBeNull()
  })

  test('SUR-1 each kind answers by a type of its own', async () => {
    const before = await scanOf(sampled(tilted(0.25), 10, 0.25))
    const after = await scanOf(sampled((x) => 0.25 * x + 2, 10, 0.25))
    const square = 20 ** 2
    const heights = await calculated('HEIGHTS', [before], { percentiles: [100, 50, 0] })
    // 80 heights, 6.25 cm apart.
    expect(heights).toMatchObject({ percentiles: [0, 50, 100], cellSize: null })
    expect(heights.result).toEqual({
      __typename: 'HeightsResult',
      ...{ pointCount: 6400, minimum: -2.46875, maximum: 2.46875, mean: 0 },
      percentiles: [
        { percent: 0, height: -2.46875, errorBound: 0 },
        { percent: 50, height: 0, errorBound: 0 },
        { percent: 100, height: 2.46875, errorBound: 0 },
      ],
    })
    expect((await calculated('DIFFERENCE', [before, after], { cellSize: 1 })).result).toEqual({
      __typename: 'DifferenceResult',
      ...{ gain: 2 * square, loss: 0, net: 2 * square, comparedArea: square, onlyEarlierArea: 0, onlyLaterArea: 0 },
      ...{ meanDifference: 2, rootMeanSquareDifference: 2, leastDifference: 2, greatestDifference: 2 },
    })
    const { result: area } = await calculated('AREA', [before])
    // The footprint goes from the first to the last point, 19.75 m. The scale of UTM at this place, 170 km from its meridian,
    // is 0.9996 (1 + (170 / 6370)^2 / 2) = 0.999956; areas go by its square.
    expect(Math.abs(area.area - 19.75 ** 2 / 0.999956 ** 2)).toBeLessThan(0.005)
    expect(Math.abs(area.perimeter - (4 * 19.75) / 0.999956)).toBeLessThan(0.0005)
    const { result: density } = await calculated('DENSITY', [before], { cellSize: 1 })
    expect(density).toMatchObject({ __typename: 'DensityResult', pointCount: 6400, perOccupiedSquareMetre: 16 })
    expect(density.perSquareMetre).toBe(6400 / area.area)
  })

  test('SUR-1 the same asked for again is answered at once by the same result; what differs is not', async () => {
    const points = sampled(hemisphere(8), 10, 0.5)
    const scan = await scanOf(points)
    const first = await calculated('VOLUME', [scan], { cellSize: 1, baseHeight: 0.1 })
    const again = await requested('VOLUME', [scan], { cellSize: 1, baseHeight: 0.1 })
    expect(again).toMatchObject({
      status: 'SUCCEEDED',
      progress: 1,
      isRepeated: true,
      result: first.result,
      error: null,
    })
    expect(again.id).not.toBe(first.id)
    expect((await runJobs(shared.service)).done).toEqual([])
    // The same file in another project of hers.
    shared.projectId = (await shared.surveys.newProject(shared.leila)).id
    const copy = await scanOf(points)
    expect(await requested('VOLUME', [copy], { cellSize: 1, baseHeight: 0.1 })).toMatchObject({ isRepeated: true })
    expect(await requested('VOLUME', [copy], { cellSize: 2, baseHeight: 0.1 })).toMatchObject({ status: 'WAITING' })
    const other = await scanOf(sampled(hemisphere(7), 10, 0.5))
    expect(await requested('VOLUME', [other], { cellSize: 1, baseHeight: 0.1 })).toMatchObject({ status: 'WAITING' })
    // And one that was worked out in another way.
    await shared.database.superuser.query('update calculations set algorithm_version = 99')
    const anew = await calculated('VOLUME', [copy], { cellSize: 1, baseHeight: 0.1 })
    expect(anew).toMatchObject({ isRepeated: false, result: first.result })
  })

  test('SUR-1 two that are asked for before either is done are worked out once', async () => {
    const scan = await scanOf(sampled(cone(5, 3), 6, 0.5))
    const twins = [
      await requested('HEIGHTS', [scan], { percentiles: [50] }),
      await requested('HEIGHTS', [scan], { percentiles: [50, 50] }),
    ]
    await runJobs(shared.service)
    const [one, other] = await Promise.all(twins.map(({ id }) => calculation(id)))
    expect(other.result).toEqual(one.result)
    expect([one.isRepeated, other.isRepeated].toSorted()).toEqual([false, true])
  })

  test('a project lists its calculations, the latest first', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    const ids: string[] = []
    for (const cellSize of [1, 2, 3]) ids.unshift((await requested('VOLUME', [scan], { cellSize, baseHeight: 0 })).id)
    const list = async (variables: object) => {
      const { data } = await shared.surveys.ask(
        shared.leila,
        `query ($id: ID!, $first: Int, $after: String) { project(id: $id) {
          calculations(first: $first, after: $after) { nodes { id } totalCount pageInfo { endCursor hasNextPage } }
        } }`,
        { id: shared.projectId, ...variables },
      )
      return data.project.calculations
    }
    const { nodes, totalCount, pageInfo } = await list({ first: 2 })
    expect([...nodes, ...(await list({ after: pageInfo.endCursor })).nodes]).toEqual(ids.map((id) => ({ id })))
    expect(totalCount).toBe(3)
  })
})
