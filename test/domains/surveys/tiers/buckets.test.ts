import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readPoints, storePoints } from '../../../../src/domains/surveys/stored-points.ts'
import { moveScan } from '../../../../src/domains/surveys/tiers/moving.ts'
import type { ObjectStore } from '../../../../src/platform/objects/objects.ts'
import { makeS3Objects } from '../../../../src/platform/objects/s3-objects.ts'
import { type ObjectService, startObjectService } from '../../../support/object-service.ts'
import { keysOf } from '../../../support/object-store-contract.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { once, type PointsScan, type TiersWorld, tiersWorld } from './tiers-world.ts'

describeWithPostgis('tiers in buckets', () => {
  let world: TiersWorld
  let service: ObjectService | null
  beforeAll(async () => {
    service = await startObjectService()
    await service?.makeBucket('tiers')
    world = await tiersWorld()
  }, 60_000)
  afterAll(async () => {
    await world.stop()
    await service?.stop()
  })

  const bucket = (prefix: string): ObjectStore | null =>
    service && makeS3Objects({ service: service.service, bucket: 'tiers', prefix, storageClass: null })

  async function move(
    scan: PointsScan,
    kind: 'archive' | 'restore',
    stores: { objects: ObjectStore; coldObjects: ObjectStore },
  ) {
    const [row] = await world.sql(
      `insert into scan_moves (user_id, project_id, scan_id, kind, bytes) values ($1, $2, $3, $4, $5) returning scan_move_id`,
      scan.ownerId,
      scan.projectId,
      scan.scanId,
      kind,
      scan.file.length,
    )
    const scanMoveId = String(row?.scan_move_id)
    await world.withTools((tools) => moveScan({ ownerId: scan.ownerId, scanMoveId }, tools), { stores })
    expect((await world.sql('select status from scan_moves where scan_move_id = $1', scanMoveId))[0]).toEqual({
      status: 'succeeded',
    })
    const { storage_tier: tier, object_key: key } = await world.rowOf(scan)
    const content = await readPoints(tier === 'hot' ? stores.objects : stores.coldObjects, key).then(buffer)
    const left = [await keysOf(stores.objects, 'scans'), await keysOf(stores.coldObjects, 'scans')]
    return { tier, isWhole: content.equals(scan.file), left: left.map(({ length }) => length) }
  }

  test('SUR-1 points go from a bucket to another tier of it and come back', async () => {
    const [objects, coldObjects] = [bucket('objects/'), bucket('cold/')]
    if (objects === null || coldObjects === null) return
    const owner = await world.newPerson('Owner')
    const scan = await world.newPoints(owner, await world.surveys.newProject(owner))
    await storePoints(objects, scan.objectKey, once(scan.file))
    const stores = { objects, coldObjects }
    expect(await move(scan, 'archive', stores)).toEqual({ tier: 'cold', isWhole: true, left: [0, 1] })
    expect(await move(scan, 'restore', stores)).toEqual({ tier: 'hot', isWhole: true, left: [1, 0] })
  })

  test('SUR-1 points go from a folder into a bucket, in parts where they are large, and come back', async () => {
    const coldObjects = bucket('far/')
    if (coldObjects === null) return
    const owner = await world.newPerson('Owner')
    const file = Buffer.alloc(40 * 1024 * 1024)
    for (let at = 0; at < file.length; at += 4) file.writeUInt32LE(at, at)
    const scan = await world.newPoints(owner, await world.surveys.newProject(owner), { format: 'laz', file })
    const stores = { objects: world.hot, coldObjects }
    const before = (await keysOf(world.hot, 'scans')).length
    expect(await move(scan, 'archive', stores)).toEqual({ tier: 'cold', isWhole: true, left: [before - 1, 1] })
    expect(await move(scan, 'restore', stores)).toEqual({ tier: 'hot', isWhole: true, left: [before, 0] })
  })
})
