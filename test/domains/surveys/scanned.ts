import { readConfig } from '../../../src/config.ts'
import { pointsKey, storePoints } from '../../../src/domains/surveys/stored-points.ts'
import { fromGlobalId, toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { openObjects } from '../../../src/platform/objects/places.ts'
import type { TestService } from '../../support/service.ts'
import { boxOf, type Point } from './rules/clouds.ts'

export interface ScannedOptions {
  readonly name?: string
  readonly crs?: string
  /** Null: degrees. */
  readonly metresPerUnit?: number | null
}

let count = 0

/** The store in which a test's service keeps objects. */
export function objectsOf(service: TestService) {
  return openObjects(readConfig({ NODE_ENV: 'test', KITAAB_HOME: service.home }).objects.hot)
}

/** A scan of a project with points, as if their file had been imported: its footprint is their rectangle. Answers its global id. */
export async function newScanOf(
  service: TestService,
  projectId: string,
  points: readonly Point[],
  { name = 'Scanned', crs = 'EPSG:32636', metresPerUnit = 1 }: ScannedOptions = {},
): Promise<string> {
  const project = fromGlobalId('Project', projectId, 'projectId')
  count += 1
  const key = pointsKey(project.ownerId, `scanned-${count}`)
  const text = Buffer.from(`${points.map((point) => point.join(' ')).join('\n')}\n`)
  const { bytes, sha256 } = await storePoints(objectsOf(service), key, whole(text))
  const { west, south, low, east, north, high } = boxOf(points)
  const { rows } = await service.database.superuser.query(
    `insert into lidar_scans (user_id, project_id, added_by_user_id, name, object_key, file_name, file_format, bytes, point_count, sha256,
       crs, native_bounds, metres_per_unit, metres_per_height_unit, footprint)
     values ($1, $2, $1, $3, $4, $3 || '.xyz', 'xyz', $5, $6, $7, $8, $9, $10, 1,
       st_setsrid(st_transform(st_makeenvelope($11, $12, $13, $14), $8, 'EPSG:4326'), 4326)) returning scan_id`,
    [
      ...[project.ownerId, project.projectId, name, key, bytes, points.length, sha256, crs],
      ...[[west, south, low, east, north, high], metresPerUnit, west, south, east, north],
    ],
  )
  return toGlobalId('Scan', { ownerId: project.ownerId, scanId: rows[0].scan_id })
}

async function* whole(content: Buffer) {
  yield content
}
