import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { fromGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { runJobs, runTask } from '../../../support/jobs.ts'
import { newUser, type TestPerson } from '../../../support/people.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../../support/postgis.ts'
import { startService, type TestService } from '../../../support/service.ts'
import { outcome } from '../../identity/people.ts'
import { surveysOf } from '../requests.ts'
import { cone, flat, hemisphere, type Point, sampled, tilted } from '../rules/clouds.ts'
import { newScanOf, objectsOf, type ScannedOptions } from '../scanned.ts'

const fields = `id kind status progress error createdAt finishedAt cellSize baseHeight percentiles algorithmVersion isRepeated
  project { id } scans { id }
  result { __typename
    ... on AreaResult { area perimeter }
    ... on DensityResult { pointCount footprintArea perSquareMetre nominalSpacing occupiedCells occupiedArea
      perOccupiedSquareMetre fewestPerCell medianPerCell mostPerCell }
    ... on HeightsResult { pointCount minimum maximum mean percentiles { percent height errorBound } }
    ... on VolumeResult { cut fill net occupiedCells occupiedArea emptyArea enclosedEmptyArea }
    ... on DifferenceResult { gain loss net comparedArea onlyEarlierArea onlyLaterArea meanDifference
      rootMeanSquareDifference leastDifference greatestDifference }
  }`

/** Near Cairo, in zone 36 of UTM. */
const nearCairo = ([x, y, z]: Point): Point => [x + 330_000, y + 3_320_000, z]

describeWithPostgis('calculations', () => {
  let database: TestDatabase
  let service: TestService
  let world: ReturnType<typeof surveysOf>
  let leila: TestPerson
  let projectId: string
  beforeAll(async () => {
    database = await newPostgisDatabase()
    service = await startService({ database })
    world = surveysOf(service)
  }, 60_000)
  afterAll(async () => {
    await service.stop()
    await database.stop()
  })
  beforeEach(async () => {
    leila = await newUser(database, 'Leila')
    projectId = (await world.newProject(leila)).id
  })

  const numberOf = (scan: string) => fromGlobalId('Scan', scan, 'id').scanId
  const scanOf = (points: readonly Point[], options?: ScannedOptions) =>
    newScanOf(service, projectId, points.map(nearCairo), options)
  const request = (kind: string, scanIds: readonly string[], parameters: object = {}, as = leila) =>
    world.ask(
      as,
      `mutation ($input: RequestCalculationInput!) { requestCalculation(input: $input) { calculation { ${fields} } } }`,
      { input: { projectId, kind, scanIds, ...parameters } },
    )
  async function requested(...asked: Parameters<typeof request>) {
    const { data, errors } = await request(...asked)
    expect(errors ?? []).toEqual([])
    return data.requestCalculation.calculation
  }
  const calculation = async (id: string, as = leila) =>
    (await world.ask(as, `query ($id: ID!) { node(id: $id) { ... on Calculation { ${fields} } } }`, { id })).data.node
  async function calculated(...asked: Parameters<typeof request>) {
    const { id } = await requested(...asked)
    await runJobs(service)
    return calculation(id)
  }

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
      project: { id: projectId },
      scans: [{ id: scan }],
      result: null,
    })
    await runJobs(service)
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
    expect((await world.node(leila, scan)).data.node.lastReadAt).not.toBeNull()
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
    expect((await runJobs(service)).done).toEqual([])
    // The same file in another project of hers.
    projectId = (await world.newProject(leila)).id
    const copy = await scanOf(points)
    expect(await requested('VOLUME', [copy], { cellSize: 1, baseHeight: 0.1 })).toMatchObject({ isRepeated: true })
    expect(await requested('VOLUME', [copy], { cellSize: 2, baseHeight: 0.1 })).toMatchObject({ status: 'WAITING' })
    const other = await scanOf(sampled(hemisphere(7), 10, 0.5))
    expect(await requested('VOLUME', [other], { cellSize: 1, baseHeight: 0.1 })).toMatchObject({ status: 'WAITING' })
    // And one that was worked out in another way.
    await database.superuser.query('update calculations set algorithm_version = 99')
    const anew = await calculated('VOLUME', [copy], { cellSize: 1, baseHeight: 0.1 })
    expect(anew).toMatchObject({ isRepeated: false, result: first.result })
  })

  test('SUR-1 two that are asked for before either is done are worked out once', async () => {
    const scan = await scanOf(sampled(cone(5, 3), 6, 0.5))
    const twins = [
      await requested('HEIGHTS', [scan], { percentiles: [50] }),
      await requested('HEIGHTS', [scan], { percentiles: [50, 50] }),
    ]
    await runJobs(service)
    const [one, other] = await Promise.all(twins.map(({ id }) => calculation(id)))
    expect(other.result).toEqual(one.result)
    expect([one.isRepeated, other.isRepeated].toSorted()).toEqual([false, true])
  })

  test('a project lists its calculations, the latest first', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    const ids: string[] = []
    for (const cellSize of [1, 2, 3]) ids.unshift((await requested('VOLUME', [scan], { cellSize, baseHeight: 0 })).id)
    const list = async (variables: object) => {
      const { data } = await world.ask(
        leila,
        `query ($id: ID!, $first: Int, $after: String) { project(id: $id) {
          calculations(first: $first, after: $after) { nodes { id } totalCount pageInfo { endCursor hasNextPage } }
        } }`,
        { id: projectId, ...variables },
      )
      return data.project.calculations
    }
    const { nodes, totalCount, pageInfo } = await list({ first: 2 })
    expect([...nodes, ...(await list({ after: pageInfo.endCursor })).nodes]).toEqual(ids.map((id) => ({ id })))
    expect(totalCount).toBe(3)
  })

  describe('is refused', () => {
    test('with what its kind does not take', async () => {
      const scan = await scanOf(sampled(flat(1), 2, 1))
      expect(outcome(await request('VOLUME', [scan], { cellSize: 1 }))).toBe('BAD_USER_INPUT CONTRADICTORY')
      expect(outcome(await request('DIFFERENCE', [scan], { cellSize: 1 }))).toBe('BAD_USER_INPUT OUT_OF_RANGE')
      expect(outcome(await request('AREA', [scan, scan]))).toBe('BAD_USER_INPUT OUT_OF_RANGE')
    })

    test('in more cells than are made, with the size that would do', async () => {
      const wide = await scanOf([
        [0, 0, 1],
        [20_000, 20_000, 2],
      ])
      const { errors } = await request('VOLUME', [wide], { cellSize: 1, baseHeight: 0 })
      expect(errors?.[0]).toMatchObject({
        message: expect.stringContaining('A cell size of 15 m would do.'),
        extensions: { code: 'BAD_USER_INPUT', reason: 'OUT_OF_RANGE', field: 'input.cellSize' },
      })
      expect((await calculated('VOLUME', [wide], { cellSize: 15, baseHeight: 0 })).result.occupiedCells).toBe(2)
    })

    test('of a geometry without points, whose area alone is known', async () => {
      const { id } = await world.newScan(leila, projectId)
      const refused = await request('HEIGHTS', [id])
      expect(outcome(refused)).toBe('CONFLICT SCAN_HAS_NO_POINTS')
      expect(refused.errors?.[0]?.extensions.field).toBe('input.scanIds[0]')
      const { result } = await calculated('AREA', [id])
      // A hundredth of a degree each way at 30 degrees: 965 m x 1109 m on the ellipsoid.
      expect(Math.abs(result.area - 964.9 * 1108.6)).toBeLessThan(1000)
    })

    test('of points in the archive', async () => {
      const scan = await scanOf(sampled(flat(1), 2, 1))
      await database.superuser.query(`update lidar_scans set storage_tier = 'cold' where scan_id = $1`, [
        numberOf(scan),
      ])
      expect(outcome(await request('HEIGHTS', [scan]))).toBe('CONFLICT SCAN_IS_COLD')
      expect((await calculated('AREA', [scan])).status).toBe('SUCCEEDED')
    })

    test('of points of which nobody knows where they lie, and of two systems', async () => {
      const [scan, other] = [await scanOf(sampled(flat(1), 2, 1)), await scanOf(sampled(flat(2), 2, 1))]
      const scanId = numberOf(other)
      await database.superuser.query(`update lidar_scans set crs = 'EPSG:32637' where scan_id = $1`, [scanId])
      const apart = await request('DIFFERENCE', [scan, other], { cellSize: 1 })
      expect(outcome(apart)).toBe('BAD_USER_INPUT CONTRADICTORY')
      await database.superuser.query('update lidar_scans set crs = null where scan_id = $1', [scanId])
      expect(outcome(await request('HEIGHTS', [other]))).toBe('CONFLICT SCAN_WITHOUT_CRS')
    })

    test('of scans of another project, deleted ones, and anybody else’s', async () => {
      const scan = await scanOf(sampled(flat(1), 2, 1))
      const budi = await newUser(database, 'Budi')
      expect(outcome(await request('HEIGHTS', [scan], {}, budi))).toBe('NOT_FOUND')
      const { id: calculationId } = await calculated('HEIGHTS', [scan])
      expect(await calculation(calculationId, budi)).toBeNull()
      const mine = projectId
      projectId = (await world.newProject(leila)).id
      expect(outcome(await request('HEIGHTS', [scan]))).toBe('NOT_FOUND')
      projectId = mine
      await world.scan('deleteScan', { scanId: scan }, leila)
      expect(outcome(await request('HEIGHTS', [scan]))).toBe('NOT_FOUND')
      // What was worked out stays, without the scan.
      expect(await calculation(calculationId)).toMatchObject({ status: 'SUCCEEDED', scans: [] })
    })

    test('beyond twenty that are under way', async () => {
      const scan = await scanOf(sampled(flat(1), 2, 1))
      const asked = (at: number) => request('VOLUME', [scan], { cellSize: 1, baseHeight: at })
      for (let at = 0; at < 20; at += 1) expect((await asked(at)).errors).toBeUndefined()
      expect(outcome(await asked(20))).toBe('CONFLICT TOO_MANY')
      await database.superuser.query(
        `update calculations set status = 'failed', error = 'given up', finished_at = now() where status = 'waiting'`,
      )
      expect((await runJobs(service)).failed).toEqual([])
      expect(await requested('VOLUME', [scan], { cellSize: 1, baseHeight: 20 })).toMatchObject({ status: 'WAITING' })
    })
  })

  describe('fails with a sentence', () => {
    const failure = async (id: string) => {
      await runJobs(service)
      const { status, error, result } = await calculation(id)
      expect({ status, result }).toEqual({ status: 'FAILED', result: null })
      return error
    }

    test('when its scan was deleted, archived or lost while it waited', async () => {
      const [deleted, archived, lost] = await Promise.all(
        [1, 2, 3].map((height) => scanOf(sampled(flat(height), 2, 1), { name: `${height}` })),
      )
      const ids = []
      for (const scan of [deleted, archived, lost]) ids.push((await requested('HEIGHTS', [scan as string])).id)
      await world.scan('deleteScan', { scanId: deleted }, leila)
      await database.superuser.query(`update lidar_scans set storage_tier = 'cold' where name = '2'`)
      const { rows } = await database.superuser.query(`select object_key from lidar_scans where name = '3'`)
      for (const { object_key } of rows) await objectsOf(service).delete(object_key)
      expect(await failure(ids[0])).toMatch(/deleted meanwhile/)
      expect(await failure(ids[1])).toMatch(/restoreScan/)
      expect(await failure(ids[2])).toMatch(/tell whoever runs this service/)
    })

    test('when its file is broken, with the place', async () => {
      const scan = await scanOf(sampled(flat(1), 2, 1))
      const { rows } = await database.superuser.query('select object_key from lidar_scans where scan_id = $1', [
        numberOf(scan),
      ])
      await objectsOf(service).put(rows[0].object_key, broken())
      expect(await failure((await requested('HEIGHTS', [scan])).id)).toMatch(/^In line 2: /)
    })
  })

  test('what nobody could do within a day is given up, and can be asked for again', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    const { id } = await requested('HEIGHTS', [scan])
    await database.superuser.query('delete from graphile_worker._private_jobs')
    const inHours = (count: number) => ({ now: new Date(Date.now() + count * 3_600_000) })
    await runTask(service, 'end_lost_survey_work', inHours(23))
    expect((await calculation(id)).status).toBe('WAITING')
    await runTask(service, 'end_lost_survey_work', inHours(25))
    expect(await calculation(id)).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/Ask for it again/) })
    expect((await calculated('HEIGHTS', [scan])).status).toBe('SUCCEEDED')
  })

  test('begun anew after a worker died, it comes to the same, and one that ended is not begun again', async () => {
    const scan = await scanOf(sampled(cone(5, 3), 6, 0.5))
    const done = await calculated('VOLUME', [scan], { cellSize: 0.5, baseHeight: 1 })
    const key = fromGlobalId('Calculation', done.id, 'id')
    await database.superuser.query(
      `update calculations set status = 'running', progress = 0.4, result = null, finished_at = null
       where calculation_id = $1`,
      [key.calculationId],
    )
    const again = () =>
      database.admin.query('select graphile_worker.add_job($1, $2)', ['run_calculation', JSON.stringify(key)])
    await again()
    await runJobs(service)
    const redone = await calculation(done.id)
    expect(redone).toEqual({ ...done, finishedAt: redone.finishedAt })
    await again()
    await runJobs(service)
    expect(await calculation(done.id)).toEqual(redone)
  })
})

async function* broken() {
  yield Buffer.from('330000 3320000 1\n330001 3320000 nothing\n')
}
