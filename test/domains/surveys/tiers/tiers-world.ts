import { createHash } from 'node:crypto'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pointsKey, readPoints, storePoints } from '../../../../src/domains/surveys/stored-points.ts'
import type { MovingTools } from '../../../../src/domains/surveys/tiers/moving.ts'
import { withKysely } from '../../../../src/platform/database/migrator.ts'
import type { Database } from '../../../../src/platform/database/types.ts'
import { parseGlobalId, toGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { makeLog } from '../../../../src/platform/log.ts'
import { makeLocalObjects } from '../../../../src/platform/objects/local-objects.ts'
import type { ObjectStore } from '../../../../src/platform/objects/objects.ts'
import { newUser, type TestPerson } from '../../../support/people.ts'
import { newPostgisDatabase } from '../../../support/postgis.ts'
import { startService } from '../../../support/service.ts'
import { surveysOf } from '../requests.ts'

export type TiersWorld = Awaited<ReturnType<typeof tiersWorld>>

/** A scan that came as a file. */
export interface PointsScan {
  readonly id: string
  readonly ownerId: string
  readonly scanId: string
  readonly projectId: string
  readonly objectKey: string
  readonly file: Buffer
}

/** A service with PostGIS and two tiers in folders; scans with points, as an import leaves them. */
export async function tiersWorld() {
  const database = await newPostgisDatabase()
  const service = await startService({ database })
  const surveys = surveysOf(service)
  const hot = makeLocalObjects(path.join(service.home, 'objects'))
  const cold = makeLocalObjects(path.join(service.home, 'cold'))
  const sql = async (text: string, ...values: unknown[]) => (await database.superuser.query(text, values)).rows
  const log = makeLog({ level: 'silent' })
  let count = 0

  async function keysOf(store: ObjectStore, ownerId: string): Promise<string[]> {
    const keys: string[] = []
    for await (const { key } of store.list(`scans/${ownerId}`)) keys.push(key)
    return keys
  }
  const rowOf = async ({ scanId }: { scanId: string }) =>
    (await sql('select * from lidar_scans where scan_id = $1', scanId))[0]

  return {
    service,
    surveys,
    sql,
    hot,
    cold,
    rowOf,
    newPerson: (name: string) => newUser(database, name),
    /** A scan of this project; `file` is its content, `objectKey` an object that is there already. */
    async newPoints(
      owner: TestPerson,
      project: { id: string },
      { format = 'xyz', file = xyz(++count), objectKey = null as string | null } = {},
    ): Promise<PointsScan> {
      const projectId = parseGlobalId(project.id)?.parts.projectId ?? ''
      const key = objectKey ?? pointsKey(owner.userId, `import-${++count}`)
      if (objectKey === null) await storePoints(hot, key, once(file))
      const [{ scan_id: scanId }] = (await sql(
        `insert into lidar_scans (user_id, project_id, name, added_by_user_id, object_key, file_name, file_format, bytes, point_count, sha256,
           footprint, scan_data)
         values ($1, $2, 'Points', $1, $3, 'points.xyz', $4, $5, 3, $6, st_makeenvelope(31, 30, 31.01, 30.01, 4326), '{"kept": true}')
         returning scan_id`,
        owner.userId,
        projectId,
        key,
        format,
        file.length,
        createHash('sha256').update(file).digest('hex'),
      )) as [{ scan_id: string }]
      const id = toGlobalId('Scan', { ownerId: owner.userId, scanId })
      return { id, ownerId: owner.userId, scanId, projectId, objectKey: key, file }
    },
    /** Where an owner's objects are, and what the row of a scan says, with the content to which it leads. */
    async whereIs(scan: PointsScan) {
      const { storage_tier: tier, object_key: key } = await rowOf(scan)
      const content = await readPoints(tier === 'hot' ? hot : cold, key).then(buffer)
      return {
        tier,
        isWhole: content.equals(scan.file),
        hot: (await keysOf(hot, scan.ownerId)).length,
        cold: (await keysOf(cold, scan.ownerId)).length,
      }
    },
    keysOf,
    /** What a job gets, with stores and a database that may be others. */
    withTools<Result>(
      work: (tools: MovingTools & { now(): Date }) => Promise<Result>,
      { stores = { objects: hot, coldObjects: cold }, wrap = (db: Database) => db, now = () => new Date() } = {},
    ): Promise<Result> {
      return withKysely(database.connections.forRole('kitaab_worker'), (db) =>
        work({
          worker: wrap(db as Database),
          services: stores,
          signal: new AbortController().signal,
          log,
          now,
        }),
      )
    },
    async stop() {
      await service.stop()
      await database.stop()
    },
  }
}

function xyz(seed: number): Buffer {
  const lines = Array.from({ length: 5_000 }, (_, index) => `${seed}.25 ${index}.50 ${(index * seed) % 97}.125\n`)
  return Buffer.from(lines.join(''))
}

export async function* once(content: Buffer) {
  for (let at = 0; at < content.length; at += 16_384) yield content.subarray(at, at + 16_384)
}
