import { parseGlobalId } from '../../src/platform/graphql/global-ids.ts'

type Query = (text: string, values: unknown[]) => Promise<unknown>

/** Makes a scan that came as a geometry one that came as a file, as far as the database knows: there is no object. As somebody who may. */
export async function giveAFile(query: Query, scanId: string): Promise<void> {
  const { ownerId, scanId: id } = parseGlobalId(scanId)?.parts ?? {}
  await query(
    `update lidar_scans set object_key = $3, file_name = 'points.xyz', file_format = 'xyz', bytes = 30, point_count = 1,
       sha256 = repeat('0', 64), last_read_at = now(), crs = 'EPSG:32636', native_bounds = '{0,0,0,1,1,1}', metres_per_unit = 1,
       metres_per_height_unit = 1
     where user_id = $1 and scan_id = $2`,
    [ownerId, id, `scans/${ownerId}/given-${id}`],
  )
}
