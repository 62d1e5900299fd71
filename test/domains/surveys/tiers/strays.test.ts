import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { purgeSurveys } from '../../../../src/domains/retention/queries/surveys.ts'
import { storePoints } from '../../../../src/domains/surveys/stored-points.ts'
import { runTask } from '../../../support/jobs.ts'
import type { TestPerson } from '../../../support/people.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { once, type PointsScan, type TiersWorld, tiersWorld } from './tiers-world.ts'

const inDays = (count: number) => new Date(Date.now() + count * 24 * 3_600_000)

describeWithPostgis('points that no scan names', () => {
  let world: TiersWorld
  let leila: TestPerson
  let project: { id: string }
  beforeAll(async () => {
    world = await tiersWorld()
  }, 60_000)
  afterAll(() => world.stop())
  beforeEach(async () => {
    leila = await world.newPerson('Leila')
    project = await world.surveys.newProject(leila)
  })

  const purge = async (days: number) => {
    // The job that purges would end the session, too.
    await world.withTools(({ worker, signal }) => purgeSurveys(worker, inDays(days), { signal }))
    await runTask(world.service, 'remove_stray_points', { now: inDays(days) })
  }
  const hotKeys = () => world.keysOf(world.hot, leila.userId)
  const coldKeys = () => world.keysOf(world.cold, leila.userId)
  const count = async (table: string) =>
    (await world.sql(`select from ${table} where user_id = $1`, leila.userId)).length
  const remove = (scan: PointsScan) => world.surveys.scan('deleteScan', { scanId: scan.id }, leila)
  const newMove = (scan: PointsScan, status: string) =>
    world.sql(
      `insert into scan_moves (user_id, project_id, scan_id, kind, bytes, status, finished_at)
       values ($1, $2, $3, 'archive', 1, $4::job_status, case when $4 = 'succeeded' then now() end)`,
      scan.ownerId,
      scan.projectId,
      scan.scanId,
      status,
    )

  test('SUR-1 a deleted scan can be taken back for 90 days; then it goes for good, points and all', async () => {
    const scan = await world.newPoints(leila, project)
    const kept = await world.newPoints(leila, project)
    await newMove(scan, 'succeeded')
    await world.sql(
      `with made as (
         insert into calculations (user_id, project_id, kind, asked_by_user_id, inputs_hash, algorithm_version, status, result, finished_at)
         values ($1, $2, 'area', $1, repeat('0', 64), 1, 'succeeded', '{}', now()) returning calculation_id
       )
       insert into calculation_scans (user_id, calculation_id, position, project_id, scan_id)
       select $1, calculation_id, 1, $2, $3 from made`,
      leila.userId,
      scan.projectId,
      scan.scanId,
    )
    await remove(scan)
    await purge(89)
    expect([await count('lidar_scans'), (await hotKeys()).length]).toEqual([2, 2])
    const { errors } = await world.surveys.scan('restoreDeletedScan', { scanId: scan.id }, leila)
    expect(errors).toBeUndefined()
    await purge(91)
    expect([await count('lidar_scans'), (await hotKeys()).length]).toEqual([2, 2])
    await remove(scan)
    await purge(91)
    expect(await hotKeys()).toEqual([kept.objectKey])
    expect([await count('lidar_scans'), await count('scan_moves'), await count('calculations')]).toEqual([1, 0, 0])
    expect(await world.whereIs(kept)).toMatchObject({ isWhole: true })
  })

  test('what the picture of a scan is drawn from goes with the scan, and what no hillshade names goes, too', async () => {
    const scan = await world.newPoints(leila, project)
    const [shade] = await world.sql(
      `insert into hillshades (user_id, project_id, scan_id, asked_by_user_id) values ($1, $2, $3, $1) returning hillshade_id`,
      leila.userId,
      scan.projectId,
      scan.scanId,
    )
    const key = (id: string) => `hillshades/${leila.userId}/${id}.relief`
    for (const id of [shade?.hillshade_id, '999999'])
      await world.hot.put(key(id), Readable.from([Buffer.from('relief')]))
    await purge(2)
    expect([await world.hot.find(key(shade?.hillshade_id)), await world.hot.find(key('999999'))]).toEqual([
      expect.objectContaining({ bytes: 6 }),
      null,
    ])
    await remove(scan)
    await purge(91)
    expect([await count('hillshades'), await world.hot.find(key(shade?.hillshade_id))]).toEqual([0, null])
  })

  test('points that two scans name go with the second', async () => {
    const scan = await world.newPoints(leila, project)
    const twin = await world.newPoints(leila, await world.surveys.newProject(leila), {
      file: scan.file,
      objectKey: scan.objectKey,
    })
    await remove(scan)
    await purge(91)
    expect([await count('lidar_scans'), await hotKeys()]).toEqual([1, [scan.objectKey]])
    expect((await world.whereIs(twin)).isWhole).toBe(true)
    await remove(twin)
    await purge(89)
    expect(await hotKeys()).toEqual([scan.objectKey])
    await purge(91)
    expect([await count('lidar_scans'), await hotKeys()]).toEqual([0, []])
  })

  test('a project that was deleted goes with all that is in it', async () => {
    const scan = await world.newPoints(leila, project)
    await world.newPoints(leila, project)
    await newMove(scan, 'waiting')
    await world.surveys.newScan(leila, project.id)
    await world.surveys.project('deleteProject', { projectId: project.id }, leila)
    await purge(89)
    expect([await count('projects'), await count('lidar_scans'), (await hotKeys()).length]).toEqual([1, 3, 2])
    await purge(91)
    expect([await count('projects'), await count('lidar_scans'), await hotKeys()]).toEqual([0, 0, []])
  })

  test('points that no scan names are removed after a day, in either tier; never those of somebody who has some on the way', async () => {
    const scan = await world.newPoints(leila, project)
    for (const [store, name] of [
      [world.hot, 'left'],
      [world.cold, 'move-7/left'],
    ] as const)
      await storePoints(store, `scans/${leila.userId}/${name}`, once(Buffer.from('left')))
    // The name of one that is at hand means nothing in the archive.
    await storePoints(world.cold, scan.objectKey, once(scan.file))
    await storePoints(world.hot, 'scans/readme', once(Buffer.from('not ours')))
    await newMove(scan, 'running')
    await purge(2)
    expect([(await hotKeys()).length, (await coldKeys()).length]).toEqual([2, 2])
    await world.sql("update scan_moves set status = 'succeeded', finished_at = now() where scan_id = $1", scan.scanId)
    await purge(0.9)
    expect([(await hotKeys()).length, (await coldKeys()).length]).toEqual([2, 2])
    await purge(2)
    expect([await hotKeys(), await coldKeys()]).toEqual([[scan.objectKey], []])
    expect(await world.whereIs(scan)).toMatchObject({ tier: 'hot', isWhole: true })
    expect(await world.hot.find('scans/readme')).not.toBeNull()
  })
})
