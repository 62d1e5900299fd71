import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type OpenedPoints, openPoints } from '../../../../src/domains/surveys/reading-points.ts'
import { storePoints } from '../../../../src/domains/surveys/stored-points.ts'
import { runJobs, runTask } from '../../../support/jobs.ts'
import type { TestPerson } from '../../../support/people.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { outcome } from '../../identity/people.ts'
import { once, type PointsScan, type TiersWorld, tiersWorld } from './tiers-world.ts'

const dayMs = 24 * 3_600_000
const inDays = (count: number) => new Date(Date.now() + count * dayMs)
/** All of what was opened. */
async function fileOf(opened: OpenedPoints | null): Promise<Buffer> {
  if (opened === null) throw new Error('there are no points')
  return buffer(opened.content)
}

const moveFields = 'id kind status progress error estimatedSeconds bytes createdAt finishedAt scan { id }'

describeWithPostgis('the archive of points', () => {
  let world: TiersWorld
  let leila: TestPerson
  let budi: TestPerson
  let project: { id: string }
  beforeAll(async () => {
    world = await tiersWorld()
  }, 60_000)
  afterAll(() => world.stop())
  beforeEach(async () => {
    leila = await world.newPerson('Leila')
    budi = await world.newPerson('Budi')
    project = await world.surveys.newProject(leila)
  })

  const ask = (name: 'archiveScan' | 'restoreScan', { id }: { id: string }, as = leila) =>
    world.surveys.ask(
      as,
      `mutation ($id: ID!) { answer: ${name}(input: { scanId: $id }) { move { ${moveFields} } scan { storageTier } } }`,
      { id },
    )
  const asked = async (name: 'archiveScan' | 'restoreScan', scan: { id: string }) => {
    const { data, errors } = await ask(name, scan)
    expect(errors ?? []).toEqual([])
    return data.answer
  }
  const seen = async ({ id }: { id: string }, as = leila) => {
    const { data, errors } = await world.surveys.ask(
      as,
      `query ($id: ID!) { node(id: $id) { ... on Scan { storageTier data footprint lastReadAt version move { ${moveFields} } } } }`,
      { id },
    )
    expect(errors ?? []).toEqual([])
    return data.node
  }
  const moved = async (name: 'archiveScan' | 'restoreScan', scan: PointsScan) => {
    await asked(name, scan)
    await runJobs(world.service)
    expect((await seen(scan)).storageTier).toBe(name === 'archiveScan' ? 'COLD' : 'HOT')
  }
  const archived = (scan: PointsScan) => moved('archiveScan', scan)

  test('SUR-1 points go into the archive and come back, the same to the byte; what is known of them stays at hand', async () => {
    const scan = await world.newPoints(leila, project)
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
    expect(await runJobs(world.service)).toEqual({ done: ['move_scan'], failed: [] })
    expect(await world.whereIs(scan)).toEqual({ tier: 'cold', isWhole: true, hot: 0, cold: 1 })
    const cold = await seen(scan)
    expect(cold).toMatchObject({
      ...before,
      storageTier: 'COLD',
      move: { id: move.id, status: 'SUCCEEDED', progress: 1, error: null },
    })
    const [{ key, bytes } = { key: '', bytes: 0 }] = await listed(world.cold, scan.ownerId)
    expect(key).toMatch(/\.zst$/)
    expect(bytes).toBeLessThan(scan.file.length / 2)

    const back = await asked('restoreScan', scan)
    expect(back.move).toMatchObject({ kind: 'RESTORE', status: 'WAITING' })
    await runJobs(world.service)
    expect(await world.whereIs(scan)).toEqual({ tier: 'hot', isWhole: true, hot: 1, cold: 0 })
    expect((await seen(scan)).move).toMatchObject({ id: back.move.id, status: 'SUCCEEDED' })
    const node = await world.surveys.ask(
      leila,
      `query ($id: ID!) { node(id: $id) { ... on ScanMove { ${moveFields} } } }`,
      {
        id: move.id,
      },
    )
    expect(node.data.node).toMatchObject({ id: move.id, kind: 'ARCHIVE', status: 'SUCCEEDED' })
  })

  test('SUR-1 what is asked twice is the same job, and what is done is not done again', async () => {
    const scan = await world.newPoints(leila, project)
    expect((await asked('restoreScan', scan)).move).toBeNull()
    const [first, second] = [await asked('archiveScan', scan), await asked('archiveScan', scan)]
    expect(second.move.id).toBe(first.move.id)
    expect(outcome(await ask('restoreScan', scan))).toBe('CONFLICT SCAN_IS_MOVING')
    expect((await runJobs(world.service)).done).toEqual(['move_scan'])
    expect((await asked('archiveScan', scan)).move).toMatchObject({ id: first.move.id, status: 'SUCCEEDED' })
    expect((await runJobs(world.service)).done).toEqual([])
    expect((await world.sql('select from scan_moves where scan_id = $1', scan.scanId)).length).toBe(1)
  })

  test('a file that is compressed by itself is not compressed again', async () => {
    const scan = await world.newPoints(leila, project, { format: 'laz' })
    await archived(scan)
    const [{ key, bytes } = { key: '', bytes: 0 }] = await listed(world.cold, scan.ownerId)
    expect([key.endsWith('.zst'), bytes]).toEqual([false, scan.file.length])
  })

  test('a scan without points, one that is deleted, and one of somebody else are refused', async () => {
    const geometry = await world.surveys.newScan(leila, project.id)
    expect(outcome(await ask('archiveScan', geometry))).toBe('CONFLICT SCAN_HAS_NO_POINTS')
    const scan = await world.newPoints(leila, project)
    const { errors = [] } = await ask('archiveScan', scan, budi)
    expect(errors[0]).toMatchObject({ extensions: { code: 'NOT_FOUND', field: 'input.scanId' } })
    await world.surveys.scan('deleteScan', { scanId: scan.id }, leila)
    expect(outcome(await ask('archiveScan', scan))).toMatch('NOT_FOUND')
    expect(await world.sql('select from scan_moves where scan_id = $1', scan.scanId)).toEqual([])
  })

  test('SUR-1 reading points in the archive is refused, with the way back', async () => {
    const scan = await world.newPoints(leila, project)
    const read = () => world.withTools((tools) => openPoints(tools, scan).then(fileOf))
    expect((await read()).equals(scan.file)).toBe(true)
    await archived(scan)
    await expect(read()).rejects.toMatchObject({
      message: expect.stringContaining('`restoreScan`'),
      extensions: { code: 'CONFLICT', reason: 'SCAN_IS_COLD' },
    })
    const geometry = await world.surveys.newScan(leila, project.id)
    const [{ scan_id: scanId } = { scan_id: '' }] = await world.sql(
      'select max(scan_id) as scan_id from lidar_scans where user_id = $1',
      leila.userId,
    )
    expect(geometry.storageTier).toBe('HOT')
    expect(await world.withTools((tools) => openPoints(tools, { ownerId: leila.userId, scanId }))).toBeNull()
  })

  test('who reads while points are moved reads on, and finds what was moved just before', async () => {
    const scan = await world.newPoints(leila, project)
    await world.withTools(async (tools) => {
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
        return world.hot.get(key)
      }
      const late = { ...tools, services: { ...tools.services, objects: { ...world.hot, get } } }
      expect((await fileOf(await openPoints(late, scan))).equals(scan.file)).toBe(true)
    })
  })

  test('that points were read is noted at most once a day', async () => {
    const scan = await world.newPoints(leila, project)
    const readAt = async (now: Date) => {
      await world.withTools((tools) => openPoints(tools, scan).then(fileOf), {
        now: () => now,
      })
      return (await world.rowOf(scan)).last_read_at
    }
    const [first, soon, next] = [
      inDays(0),
      new Date(Date.now() + dayMs - 60_000),
      new Date(Date.now() + dayMs + 60_000),
    ]
    expect(new Date(await readAt(first))).toEqual(first)
    expect(new Date(await readAt(soon))).toEqual(first)
    expect(new Date(await readAt(next))).toEqual(next)
    expect((await seen(scan)).version).toBe(1)
  })

  test('a viewer who may see the scan notes it no more often, and nobody else does', async () => {
    const scan = await world.newPoints(leila, project)
    const readAt = async () => (await world.rowOf(scan)).last_read_at
    const noteAs = async ({ userId }: TestPerson) => {
      await world.sql("select set_config('app.user_id', $1, false)", userId)
      await world.sql('select note_scan_read($1, $2)', scan.ownerId, scan.scanId)
    }
    await noteAs(budi)
    expect(await readAt()).toBeNull()
    await noteAs(leila)
    const first = await readAt()
    expect(first).not.toBeNull()
    await noteAs(leila)
    expect(await readAt()).toBe(first)
    await world.sql("update lidar_scans set last_read_at = now() - interval '25 h' where scan_id = $1", scan.scanId)
    await noteAs(leila)
    expect(Date.parse(await readAt())).toBeGreaterThanOrEqual(Date.parse(first))
    await world.sql("select set_config('app.user_id', '', false)")
  })

  test('SUR-1 every night what nobody read for 90 days goes into the archive, and nothing else', async () => {
    const [unread, read, old] = [
      await world.newPoints(leila, project),
      await world.newPoints(leila, project),
      await world.newPoints(leila, project),
    ]
    const another = await world.surveys.newProject(leila)
    const shared = await world.newPoints(leila, another, { file: read.file, objectKey: read.objectKey })
    await world.sql('update lidar_scans set last_read_at = $2 where scan_id = $1', shared.scanId, inDays(60))
    await archived(old)
    await asked('restoreScan', old)
    await runJobs(world.service)
    await world.sql('update scan_moves set finished_at = $2 where scan_id = $1', old.scanId, inDays(60))
    const tiers = async () => {
      const found: string[] = []
      for (const scan of [unread, read, shared, old]) found.push((await world.rowOf(scan)).storage_tier)
      return found
    }
    await runTask(world.service, 'archive_unread_scans', { now: inDays(89) })
    expect(await tiers()).toEqual(['hot', 'hot', 'hot', 'hot'])
    await runTask(world.service, 'archive_unread_scans', { now: inDays(91) })
    expect(await tiers()).toEqual(['cold', 'hot', 'hot', 'hot'])
    expect((await seen(unread)).move).toMatchObject({ kind: 'ARCHIVE', status: 'SUCCEEDED' })
    await runTask(world.service, 'archive_unread_scans', { now: inDays(151) })
    expect(await tiers()).toEqual(['cold', 'cold', 'cold', 'cold'])
    const moves = await world.sql("select from scan_moves where user_id = $1 and kind = 'archive'", leila.userId)
    // The two that share an object are one.
    expect(moves.length).toBe(4)
    expect(await world.whereIs(read)).toEqual({ tier: 'cold', isWhole: true, hot: 0, cold: 3 })
    expect(await world.whereIs(shared)).toMatchObject({ tier: 'cold', isWhole: true })
  })

  test('the same file in two projects is kept once, and moves as one; a third takes it up where it is by then', async () => {
    const scan = await world.newPoints(leila, project)
    const another = await world.surveys.newProject(leila)
    const twin = await world.newPoints(leila, another, { file: scan.file, objectKey: scan.objectKey })
    await archived(scan)
    expect((await seen(twin)).storageTier).toBe('COLD')
    expect(await world.whereIs(twin)).toEqual({ tier: 'cold', isWhole: true, hot: 0, cold: 1 })
    // By the name that it had when somebody looked it up.
    const third = await world.newPoints(leila, await world.surveys.newProject(leila), {
      file: scan.file,
      objectKey: scan.objectKey,
    })
    expect(await world.whereIs(third)).toMatchObject({ tier: 'cold', isWhole: true })
    const others = await world.newPoints(budi, await world.surveys.newProject(budi), { file: scan.file })
    expect(await world.whereIs(others)).toEqual({ tier: 'hot', isWhole: true, hot: 1, cold: 0 })
  })

  test('damaged points, and points that are not there, stay what they are, and whoever asked is told', async () => {
    const scan = await world.newPoints(leila, project)
    const file = path.join(world.service.home, 'objects', scan.objectKey)
    await writeFile(file, Buffer.concat([scan.file.subarray(1), Buffer.from('x')]))
    const { move } = await asked('archiveScan', scan)
    await runJobs(world.service)
    expect((await seen(scan)).move).toMatchObject({
      id: move.id,
      status: 'FAILED',
      error: expect.stringContaining('SHA-256'),
    })
    expect(await world.whereIs(scan)).toEqual({ tier: 'hot', isWhole: false, hot: 1, cold: 0 })
    await writeFile(file, Buffer.concat([scan.file, scan.file]))
    await asked('archiveScan', scan)
    await runJobs(world.service)
    expect((await seen(scan)).move).toMatchObject({ status: 'FAILED', error: expect.stringContaining('SHA-256') })
    await world.hot.delete(scan.objectKey)
    await asked('archiveScan', scan)
    await runJobs(world.service)
    expect((await seen(scan)).move).toMatchObject({ status: 'FAILED', error: expect.stringContaining('backup') })
    // Mended, it can be asked for again.
    await storePoints(world.hot, scan.objectKey, once(scan.file))
    await archived(scan)
    const packed = path.join(world.service.home, 'cold', (await world.rowOf(scan)).object_key)
    const stored = await readFile(packed)
    await writeFile(packed, stored.subarray(0, stored.length / 2))
    await asked('restoreScan', scan)
    await runJobs(world.service)
    expect((await seen(scan)).move).toMatchObject({ status: 'FAILED', error: expect.stringContaining('SHA-256') })
    expect((await seen(scan)).storageTier).toBe('COLD')
    expect(await world.keysOf(world.hot, scan.ownerId)).toEqual([])
    await writeFile(packed, stored)
    expect(await world.whereIs(scan)).toMatchObject({ tier: 'cold', isWhole: true })
  })

  test('the estimate is as fast as the last moves were', async () => {
    const [scan, next] = [await world.newPoints(leila, project), await world.newPoints(leila, project)]
    await archived(scan)
    // A megabyte in ten seconds.
    await world.sql(
      `update scan_moves set bytes = 1000000, started_at = finished_at - interval '10 s' where scan_id = $1`,
      scan.scanId,
    )
    await world.sql(
      'update scan_moves set finished_at = finished_at - interval $$1 d$$, bytes = 1 where scan_id <> $1 and status = $$succeeded$$',
      scan.scanId,
    )
    await world.sql('update lidar_scans set bytes = 12345678 where scan_id = $1', next.scanId)
    expect((await asked('archiveScan', next)).move.estimatedSeconds).toBe(124)
    expect((await asked('restoreScan', scan)).move.estimatedSeconds).toBe(1)
  })

  async function listed(store: TiersWorld['cold'], ownerId: string) {
    const objects: { key: string; bytes: number }[] = []
    for await (const object of store.list(`scans/${ownerId}`)) objects.push(object)
    return objects
  }
})
