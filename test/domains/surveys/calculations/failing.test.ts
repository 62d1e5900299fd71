import { expect, test } from '@jest/globals'
import { fromGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { runJobs, runTask } from '../../../support/jobs.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { cone, flat, sampled } from '../rules/clouds.ts'
import { objectsOf } from '../scanned.ts'
import { withCalculations } from './calculations-world.ts'

describeWithPostgis('a calculation that can’t be done', () => {
  const { shared, numberOf, scanOf, requested, calculation, calculated } = withCalculations()

  /** What whoever asked is told. */
  const failure = async (id: string) => {
    await runJobs(shared.service)
    const { status, error, result } = await calculation(id)
    expect({ status, result }).toEqual({ status: 'FAILED', result: null })
    return error
  }

  test('when its scan was deleted, archived or lost while it waited', async () => {
    const scans: string[] = []
    for (const height of [1, 2, 3]) scans.push(await scanOf(sampled(flat(height), 2, 1), { name: `${height}` }))
    const [deleted] = scans
    const ids: string[] = []
    for (const scan of scans) ids.push((await requested('HEIGHTS', [scan])).id)
    await shared.surveys.scan('deleteScan', { scanId: deleted }, shared.leila)
    await shared.database.superuser.query(`update lidar_scans set storage_tier = 'cold' where name = '2'`)
    const { rows } = await shared.database.superuser.query(`select object_key from lidar_scans where name = '3'`)
    for (const { object_key } of rows) await objectsOf(shared.service).delete(object_key)
    expect(await failure(ids[0] as string)).toMatch(/deleted meanwhile/)
    expect(await failure(ids[1] as string)).toMatch(/restoreScan/)
    expect(await failure(ids[2] as string)).toMatch(/tell whoever runs this service/)
  })

  test('when its file is broken, with the place', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    const { rows } = await shared.database.superuser.query('select object_key from lidar_scans where scan_id = $1', [
      numberOf(scan),
    ])
    await objectsOf(shared.service).put(rows[0].object_key, broken())
    expect(await failure((await requested('HEIGHTS', [scan])).id)).toMatch(/^In line 2: /)
  })

  test('what nobody could do within a day is given up, and can be asked for again', async () => {
    const scan = await scanOf(sampled(flat(1), 2, 1))
    const { id } = await requested('HEIGHTS', [scan])
    await shared.database.superuser.query('delete from graphile_worker._private_jobs')
    const inHours = (count: number) => ({ now: new Date(Date.now() + count * 3_600_000) })
    await runTask(shared.service, 'end_lost_survey_work', inHours(23))
    expect((await calculation(id)).status).toBe('WAITING')
    await runTask(shared.service, 'end_lost_survey_work', inHours(25))
    expect(await calculation(id)).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/Ask for it again/) })
    expect((await calculated('HEIGHTS', [scan])).status).toBe('SUCCEEDED')
  })

  test('begun anew after a worker died, it comes to the same, and one that ended is not begun again', async () => {
    const scan = await scanOf(sampled(cone(5, 3), 6, 0.5))
    const done = await calculated('VOLUME', [scan], { cellSize: 0.5, baseHeight: 1 })
    const key = fromGlobalId('Calculation', done.id, 'id')
    await shared.database.superuser.query(
      `update calculations set status = 'running', progress = 0.4, result = null, finished_at = null
       where calculation_id = $1`,
      [key.calculationId],
    )
    const again = () =>
      shared.database.admin.query('select graphile_worker.add_job($1, $2)', ['run_calculation', JSON.stringify(key)])
    await again()
    await runJobs(shared.service)
    const redone = await calculation(done.id)
    expect(redone).toEqual({ ...done, finishedAt: redone.finishedAt })
    await again()
    await runJobs(shared.service)
    expect(await calculation(done.id)).toEqual(redone)
  })
})

async function* broken() {
  yield Buffer.from('330000 3320000 1\n330001 3320000 nothing\n')
}
