import { type RawBuilder, sql } from 'kysely'
import { partsOf, type ScanFilter } from '../rules/scan-filter.ts'

/**
 * The condition that a row of `lidar_scans as scan` is one that the filter finds among all that the viewer may see: a function of the
 * database looks with its indexes and answers keys, and the rows are read as the viewer.
 */
export function isFound(filter: ScanFilter): RawBuilder<boolean> {
  const { within, capturedFrom, capturedTo, data, tier, intersects, projectIds } = filter
  const [box, beyond] = filter.bbox ? partsOf(filter.bbox) : []
  const shape = intersects && JSON.stringify(intersects)
  return sql<boolean>`(scan.user_id, scan.scan_id) in (
    select owner_id, scan_id from find_scans(
      ${projectIds}::bigint[], ${envelope(box)}, ${envelope(beyond)},
      st_force2d(st_setsrid(st_geomfromgeojson(${shape}::text), 4326)),
      st_setsrid(st_makepoint(${within?.longitude ?? null}::float8, ${within?.latitude ?? null}::float8), 4326)::geography,
      ${within?.metres ?? null}::float8, ${capturedFrom}::timestamptz, ${capturedTo}::timestamptz,
      ${data && JSON.stringify(data)}::jsonb, ${tier}::storage_tier
    )
  )`
}

function envelope(part: readonly [number, number, number, number] | undefined) {
  const [west, south, east, north] = part ?? [null, null, null, null]
  return sql`st_makeenvelope(${west}::float8, ${south}::float8, ${east}::float8, ${north}::float8, 4326)`
}
