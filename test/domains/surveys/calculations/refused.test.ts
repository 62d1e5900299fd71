import { expect, test } from '@jest/globals'
import { runJobs } from '../../../support/jobs.ts'
import { newUser } from '../../../support/people.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { outcome } from '../../identity/people.ts'
import { flat, sampled } from '../rules/clouds.ts'
import { withCalculations } from './calculations-world.ts'

describeWithPostgis('a calculation is refused', () => {
  const { shared, numberOf, scanOf, request, requested, calculation, calculated } = withCalculations()

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
    const { id } = await shared.surveys.newScan(shared.leila, shared.projectId)
    const refused = await request('HEIGHTS', [id])
    expect(outcome(refused)).toBe('CONFLICT SCAN_HAS_NO_POINTS')
    expect(refused.errors?.[0]?.extensions.field).toBe('input.scanIds[0]')
    const { result } = await calculated('AREA', [id])
    // A hundredth of a degree each way at 30 degrees: 965 m x 1109 m on the ellipsoid.
    expect(Math.abs(result.area - 964.9 * 1108.6)).toBeLessThan(1000)
  })

  test('of points in the archive', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    await shared.database.superuser.query(`update lidar_scans set storage_tier = 'cold' where scan_id = $1`, [
      numberOf(scan),
    ])
    expect(outcome(await request('HEIGHTS', [scan]))).toBe('CONFLICT SCAN_IS_COLD')
    expect((await calculated('AREA', [scan])).status).toBe('SUCCEEDED')
  })

  test('of points of which nobody knows where they lie, and of two systems', async () => {
    const [scan, other] = [await scanOf(sampled(flat(1), 2, 1)), await scanOf(sampled(flat(2), 2, 1))]
    const scanId = numberOf(other)
    await shared.database.superuser.query(`update lidar_scans set crs = 'EPSG:32637' where scan_id = $1`, [scanId])
    const apart = await request('DIFFERENCE', [scan, other], { cellSize: 1 })
    expect(outcome(apart)).toBe('BAD_USER_INPUT CONTRADICTORY')
    await shared.database.superuser.query('update lidar_scans set crs = null where scan_id = $1', [scanId])
    expect(outcome(await request('HEIGHTS', [other]))).toBe('CONFLICT SCAN_WITHOUT_CRS')
  })

  test('of scans of another project, deleted ones, and anybody else’s', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    const budi = await newUser(shared.database, 'Budi')
    expect(outcome(await request('HEIGHTS', [scan], {}, budi))).toBe('NOT_FOUND')
    const { id: calculationId } = await calculated('HEIGHTS', [scan])
    expect(await calculation(calculationId, budi)).toBeNull()
    const mine = shared.projectId
    shared.projectId = (await shared.surveys.newProject(shared.leila)).id
    expect(outcome(await request('HEIGHTS', [scan]))).toBe('NOT_FOUND')
    shared.projectId = mine
    await shared.surveys.scan('deleteScan', { scanId: scan }, shared.leila)
    expect(outcome(await request('HEIGHTS', [scan]))).toBe('NOT_FOUND')
    // What was worked out stays, without the scan.
    expect(await calculation(calculationId)).toMatchObject({ status: 'SUCCEEDED', scans: [] })
  })

  test('beyond twenty that are under way', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    const asked = (at: number) => request('VOLUME', [scan], { cellSize: 1, baseHeight: at })
    for (let at = 0; at < 20; at += 1) expect((await asked(at)).errors).toBeUndefined()
    expect(outcome(await asked(20))).toBe('CONFLICT TOO_MANY')
    await shared.database.superuser.query(
      `update calculations set status = 'failed', error = 'given up', finished_at = now() where status = 'waiting'`,
    )
    expect((await runJobs(shared.service)).failed).toEqual([])
    expect(await requested('VOLUME', [scan], { cellSize: 1, baseHeight: 20 })).toMatchObject({ status: 'WAITING' })
  })
})
