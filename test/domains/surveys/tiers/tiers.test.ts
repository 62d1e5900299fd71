import { buffer } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { type OpenedPoints, openPoints } from '../../../../src/domains/surveys/reading-points.ts'
import { runJobs } from '../../../support/jobs.ts'
import type { TestPerson } from '../../../support/people.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { outcome } from '../../identity/people.ts'
import { inDays, moveFields, withTiers } from './asking.ts'
import type { TiersWorld } from './tiers-world.ts'

/** All of what was opened. */
async function fileOf(opened: OpenedPoints | null): Promise<Buffer> {
  if (opened === null) throw new Error('there are no points')
  return buffer(opened.content)
}

describeWithPostgis('the archive of points', () => {
  const { tiers, ask, asked, seen, moved, archived } = withTiers()

  test('SUR-1 points go into the archive and come back, the same to the byte; what is known of them stays at hand', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    const before = await seen(scan)
    expect(before).toMatchObject({
      storageTier: 'HOT',
      data: { kept: true },
      footprint: { type: 'Polygon' },
      move: null,
    })
    const { move, scan: now } = await asked('archiveScan', scan)
    expect(now.storageTier).toBe('HOT')
    expect(move).toMatchObject({
      kind: 'ARCHIVE',
      status: 'WAITING',
      progress: null,
      estimatedSeconds: 1,
      bytes: scan.file.length,
      finishedAt: null,
      scan: { id: scan.id },
    })
    expect(await runJobs(tiers.world.service)).toEqual({ done: ['move_scan'], failed: [] })
    expect(await tiers.world.whereIs(scan)).toEqual({ tier: 'cold', isWhole: true, hot: 0, cold: 1 })
    const cold = await seen(scan)
    expect(cold).toMatchObject({
      ...before,
      storageTier: 'COLD',
      move: { id: move.id, status: 'SUCCEEDED', progress: 1, error: null },
    })
    const [{ key, bytes } = { key: '', bytes: 0 }] = await listed(tiers.world.cold, scan.ownerId)
    expect(key).toMatch(/\.zst$/)
    expect(bytes).toBeLessThan(scan.file.length / 2)

    const back = await asked('restoreScan', scan)
    expect(back.move).toMatchObject({ kind: 'RESTORE', status: 'WAITING' })
    await runJobs(tiers.world.service)
    expect(await tiers.world.whereIs(scan)).toEqual({ tier: 'hot', isWhole: true, hot: 1, cold: 0 })
    expect((await seen(scan)).move).toMatchObject({ id: back.move.id, status: 'SUCCEEDED' })
    const node = await tiers.world.surveys.ask(
      tiers.leila,
      `query ($id: ID!) { node(id: $id) { ... on ScanMove { ${moveFields} } } }`,
      {
        id: move.id,
      },
    )
    expect(node.data.node).toMatchObject({ id: move.id, kind: 'ARCHIVE', status: 'SUCCEEDED' })
  })

  test('SUR-1 what is asked twice is the same job, and what is done is not done again', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    expect((await asked('restoreScan', scan)).move).toBeNull()
    const [first, second] = [await asked('archiveScan', scan), await asked('archiveScan', scan)]
    expect(second.move.id).toBe(first.move.id)
    expect(outcome(await ask('restoreScan', scan))).toBe('CONFLICT SCAN_IS_MOVING')
    expect((await runJobs(tiers.world.service)).done).toEqual(['move_scan'])
    expect((await asked('archiveScan', scan)).move).toMatchObject({ id: first.move.id, status: 'SUCCEEDED' })
    expect((await runJobs(tiers.world.service)).done).toEqual([])
    expect((await tiers.world.sql('select from scan_moves where scan_id = $1', scan.scanId)).length).toBe(1)
  })

  test('a file that is compressed by itself is not compressed again', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project, { format: 'laz' })
    await archived(scan)
    const [{ key, bytes } = { key: '', bytes: 0 }] = await listed(tiers.world.cold, scan.ownerId)
    expect([key.endsWith('.zst'), bytes]).toEqual([false, scan.file.length])
  })

  test('a scan without points, one that is deleted, and one of somebody else are refused', async () => {
    const geometry = await tiers.world.surveys.newScan(tiers.leila, tiers.project.id)
    expect(outcome(await ask('archiveScan', geometry))).toBe('CONFLICT SCAN_HAS_NO_POINTS')
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    const { errors = [] } = await ask('archiveScan', scan, tiers.budi)
    expect(errors[0]).toMatchObject({ extensions: { code: 'NOT_FOUND', field: 'input.scanId' } })
    await tiers.world.surveys.scan('deleteScan', { scanId: scan.id }, tiers.leila)
    expect(outcome(await ask('archiveScan', scan))).toMatch('NOT_FOUND')
    expect(await tiers.world.sql('select from scan_moves where scan_id = $1', scan.scanId)).toEqual([])
  })

  test('SUR-1 reading points in the archive is refused, with the way back', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    const read = () => tiers.world.withTools((tools) => openPoints(tools, scan).then(fileOf))
    expect((await read()).equals(scan.file)).toBe(true)
    await archived(scan)
    await expect(read()).rejects.toMatchObject({
      message: expect.stringContaining('`restoreScan`'),
      extensions: { code: 'CONFLICT', reason: 'SCAN_IS_COLD' },
    })
    const geometry = await tiers.world.surveys.newScan(tiers.leila, tiers.project.id)
    const [{ scan_id: scanId } = { scan_id: '' }] = await tiers.world.sql(
      'select max(scan_id) as scan_id from lidar_scans where user_id = $1',
      tiers.leila.userId,
    )
    expect(geometry.storageTier).toBe('HOT')
    expect(
      await tiers.world.withTools((tools) => openPoints(tools, { ownerId: tiers.leila.userId, scanId })),
    ).toBeNull()
  })

  test('who reads while points are moved reads on, and finds what was moved just before', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    await tiers.world.withTools(async (tools) => {
      const opened = await openPoints(tools, scan)
      await archived(scan)
      expect((await fileOf(opened)).equals(scan.file)).toBe(true)
      await moved('restoreScan', scan)
      // Between the row and the object the points go and come back, under another name.
      let isFirst = true
      const get = async (key: string) => {
        if (isFirst) {
          isFirst = false
          await archived(scan)
          await moved('restoreScan', scan)
        }
        return tiers.world.hot.get(key)
      }
      const late = { ...tools, services: { ...tools.services, objects: { ...tiers.world.hot, get } } }
      expect((await fileOf(await openPoints(late, scan))).equals(scan.file)).toBe(true)
    })
  })

  test('that points were read is noted at most once a day', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    const readAt = async (now: Date) => {
      await tiers.world.withTools((tools) => openPoints(tools, scan).then(fileOf), {
        now: () => now,
      })
      return (await tiers.world.rowOf(scan)).last_read_at
    }
    const [first, soon, next] = [
      inDays(0),
      new Date(inDays(1).getTime() - 60_000),
      new Date(inDays(1).getTime() + 60_000),
    ]
    expect(new Date(await readAt(first))).toEqual(first)
    expect(new Date(await readAt(soon))).toEqual(first)
    expect(new Date(await readAt(next))).toEqual(next)
    expect((await seen(scan)).version).toBe(1)
  })

  test('a viewer who may see the scan notes it no more often, and nobody else does', async () => {
    const scan = await tiers.world.newPoints(tiers.leila, tiers.project)
    const readAt = async () => (await tiers.world.rowOf(scan)).last_read_at
    const noteAs = async ({ userId }: TestPerson) => {
      await tiers.world.sql("select set_config('app.user_id', $1, false)", userId)
      await tiers.world.sql('select note_scan_read($1, $2)', scan.ownerId, scan.scanId)
    }
    await noteAs(tiers.budi)
    expect(await readAt()).toBeNull()
    await noteAs(tiers.leila)
    const first = await readAt()
    expect(first).not.toBeNull()
    await noteAs(tiers.leila)
    expect(await readAt()).toBe(first)
    await tiers.world.sql(
      "update lidar_scans set last_read_at = now() - interval '25 h' where scan_id = $1",
      scan.scanId,
    )
    await noteAs(tiers.leila)
    expect(Date.parse(await readAt())).toBeGreaterThanOrEqual(Date.parse(first))
    await tiers.world.sql("select set_config('app.user_id', '', false)")
  })

  async function listed(store: TiersWorld['cold'], ownerId: string) {
    const objects: { key: string; bytes: number }[] = []
    for await (const object of store.list(`scans/${ownerId}`)) objects.push(object)
    return objects
  }
})
