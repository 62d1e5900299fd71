import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { storePoints } from '../../../../src/domains/surveys/stored-points.ts'
import { runJobs, runTask } from '../../../support/jobs.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { inDays, withTiers } from './asking.ts'
import { once } from './tiers-world.ts'

describeWithPostgis('points that are unread, shared or damaged', () => {
  const { tiers, asked, seen, archived } = withTiers()

  test('SUR-1 every night what nobody read for 90 days goes into the archive, and nothing else', async () => {
    const [unread, read, old] = [
      await tiers.world.newPoints(tiers.leila, tiers.project),
      await tiers.world.newPoints(tiers.leila, tiers.project),
      await tiers.world.newPoints(tiers.leila, tiers.project),
    ]
    const another = await tiers.world.surveys.newProject(tiers.leila)
    const shared = await tiers.world.newPoints(tiers.leila, another, { file: read.file, objectKey: read.objectKey })
    await tiers.world.sql('update lidar_scans set last_read_at = $2 where scan_id = $1', shared.scanId, inDays(60))
    await archived(old)
    await asked('restoreScan', old)
    await runJobs(tiers.world.service)
    await tiers.world.sql('update scan_moves set finished_at = $2 where scan_id = $1', old.scanId, inDays(60))
    const tiersNow = async () => {
      const found: string[] = []
      for (const scan of [unread, read, shared, old]) found.push((await tiers.world.rowOf(scan)).storage_tier)
      return found
    }
    await runTask(tiers.world.service, 'archive_unread_scans', { now: inDays(89) })
    expect(await tiersNow()).toEqual(['hot', 'hot', 'hot', 'hot'])
    await runTask(tiers.world.service, 'archive_unread_scans', { now: inDays(91) })
    expect(await tiersNow()).toEqual(['cold', 'hot', 'hot', 'hot'])
    expect((await seen(unread)).move).toMatchObject({ kind: 'ARCHIVE', status: 'SUCCEEDED' })
    await runTask(tiers.world.service, 'archive_unread_scans', { now: inDays(151) })
    expect(await tiersNow()).toEqual(['cold', 'cold', 'cold', 'cold'])
    const moves = await tiers.world.sql(
      "select from scan_moves where user_id = $1 and kind = 'archive'",
      tiers.leila.userId,
    )
    // The two that share an object are one.
    expect(moves.length).toBe(4)
    expect(await tiers.world.whereIs(read)).toEqual({ tier: 'cold', isWhole: true, hot: 0, cold: 3 })
    expect(await tiers.world.whereIs(shared)).toMatchObject({ tier: 'cold', isWhole: true })
  })

  test('the same file in two projects is kept once, and moves as one; a third takes it up where it is by then', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    const another = await tiers.world.surveys.newProject(tiers.leila)
    const twin = await tiers.world.newPoints(tiers.leila, another, { file: scan.file, objectKey: scan.objectKey })
    await archived(scan)
    expect((await seen(twin)).storageTier).toBe('COLD')
    expect(await tiers.world.whereIs(twin)).toEqual({ tier: 'cold', isWhole: true, hot: 0, cold: 1 })
    // By the name that it had when somebody looked it up.
    const third = await tiers.world.newPoints(tiers.leila, await tiers.world.surveys.newProject(tiers.leila), {
      file: scan.file,
      objectKey: scan.objectKey,
    })
    expect(await tiers.world.whereIs(third)).toMatchObject({ tier: 'cold', isWhole: true })
    const others = await tiers.world.newPoints(tiers.budi, await tiers.world.surveys.newProject(tiers.budi), {
      file: scan.file,
    })
    expect(await tiers.world.whereIs(others)).toEqual({ tier: 'hot', isWhole: true, hot: 1, cold: 0 })
  })

  test('damaged points, and points that are not there, stay what they are, and whoever asked is told', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    const file = path.join(tiers.world.service.home, 'objects', scan.objectKey)
    await writeFile(file, Buffer.concat([scan.file.subarray(1), Buffer.from('x')]))
    const { move } = await asked('archiveScan', scan)
    await runJobs(tiers.world.service)
    expect((await seen(scan)).move).toMatchObject({
      id: move.id,
      status: 'FAILED',
      error: expect.stringContaining('SHA-256'),
    })
    expect(await tiers.world.whereIs(scan)).toEqual({ tier: 'hot', isWhole: false, hot: 1, cold: 0 })
    await writeFile(file, Buffer.concat([scan.file, scan.file]))
    await asked('archiveScan', scan)
    await runJobs(tiers.world.service)
    expect((await seen(scan)).move).toMatchObject({ status: 'FAILED', error: expect.stringContaining('SHA-256') })
    await tiers.world.hot.delete(scan.objectKey)
    await asked('archiveScan', scan)
    await runJobs(tiers.world.service)
    expect((await seen(scan)).move).toMatchObject({ status: 'FAILED', error: expect.stringContaining('backup') })
    // Mended, it can be asked for again.
    await storePoints(tiers.world.hot, scan.objectKey, once(scan.file))
    await archived(scan)
    const packed = path.join(tiers.world.service.home, 'cold', (await tiers.world.rowOf(scan)).object_key)
    const stored = await readFile(packed)
    await writeFile(packed, stored.subarray(0, stored.length / 2))
    await asked('restoreScan', scan)
    await runJobs(tiers.world.service)
    expect((await seen(scan)).move).toMatchObject({ status: 'FAILED', error: expect.stringContaining('SHA-256') })
    expect((await seen(scan)).storageTier).toBe('COLD')
    expect(await tiers.world.keysOf(tiers.world.hot, scan.ownerId)).toEqual([])
    await writeFile(packed, stored)
    expect(await tiers.world.whereIs(scan)).toMatchObject({ tier: 'cold', isWhole: true })
  })

  test('the estimate is as fast as the last moves were', async () => {
    const [scan, next] = [
      await tiers.world.newPoints(tiers.leila, tiers.project),
      await tiers.world.newPoints(tiers.leila, tiers.project),
    ]
    await archived(scan)
    // A megabyte in ten seconds.
    await tiers.world.sql(
      `update scan_moves set bytes = 1000000, started_at = finished_at - interval '10 s' where scan_id = $1`,
      scan.scanId,
    )
    await tiers.world.sql(
      'update scan_moves set finished_at = finished_at - interval $$1 d$$, bytes = 1 where scan_id <> $1 and status = $$succeeded$$',
      scan.scanId,
    )
    await tiers.world.sql('update lidar_scans set bytes = 12345678 where scan_id = $1', next.scanId)
    expect((await asked('archiveScan', next)).move.estimatedSeconds).toBe(124)
    expect((await asked('restoreScan', scan)).move.estimatedSeconds).toBe(1)
  })
})
