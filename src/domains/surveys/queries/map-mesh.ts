import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import type { Mesh } from '../rules/map-picture.ts'

/** A rectangle in some coordinate system, and the system: `EPSG:26910`, or well-known text. */
export interface NativeRectangle {
  readonly crs: string
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** The mesh over a rectangle's box in Web Mercator, and that box in degrees of WGS 84: west, south, east, north. */
export interface PlacedMesh {
  /** Coordinates of nodes are the rectangle's own. */
  readonly mesh: Mesh
  readonly bounds: readonly [west: number, south: number, east: number, north: number]
}

/** Nodes on each side of a mesh. */
const side = 17

/**
 * Where a rectangle lies on a map, by PostGIS: its rim, cut into short pieces, says which box it takes there, and nodes of a mesh
 * over that box are taken back into its own coordinates. Null where its system, or Web Mercator, does not reach, and across the 180th meridian.
 */
export async function meshOver(
  db: Database,
  { crs, west, south, east, north }: NativeRectangle,
): Promise<PlacedMesh | null> {
  const piece = Math.max(east - west, north - south) / (side - 1)
  const { rows } = await sql<Row>`
    with rim as (
      select st_transform(st_segmentize(st_makeenvelope(${west}, ${south}, ${east}, ${north}), ${piece}), ${crs}, 'EPSG:3857') as shape
    ), box as (
      select st_xmin(shape) as west, st_ymin(shape) as south, st_xmax(shape) as east, st_ymax(shape) as north from rim
    ), corners as (
      select st_transform(st_makepoint(west, south), 'EPSG:3857', 'EPSG:4326') as southwest,
        st_transform(st_makepoint(east, north), 'EPSG:3857', 'EPSG:4326') as northeast
      from box
    ), node as (
      select line, place, st_transform(
        st_makepoint(west + (east - west) * place / ${side - 1}, south + (north - south) * line / ${side - 1}), 'EPSG:3857', ${crs}
      ) as point
      from box, generate_series(0, ${side - 1}) as line, generate_series(0, ${side - 1}) as place
    )
    select box.*, array[st_x(southwest), st_y(southwest), st_x(northeast), st_y(northeast)] as bounds, nodes.*
    from box, corners, (
      select array_agg(st_x(point) order by line, place) as x, array_agg(st_y(point) order by line, place) as y from node
    ) as nodes`
    .execute(db)
    .catch((error: unknown) => {
      if (isUnplaceable(error)) return { rows: [] }
      throw error
    })
  const [row] = rows
  if (row === undefined) return null
  const { bounds, ...mesh } = row
  const numbers = [...bounds, ...mesh.x, ...mesh.y, mesh.west, mesh.south, mesh.east, mesh.north]
  const isPlaced = numbers.every(Number.isFinite) && mesh.east - mesh.west < halfTheWorld
  return isPlaced ? { mesh: { side, ...mesh }, bounds } : null
}

/** Of Web Mercator, in its metres. What seems wider lies on both sides of the 180th meridian, where the map ends. */
const halfTheWorld = Math.PI * 6_378_137

interface Row extends Omit<Mesh, 'side'> {
  readonly bounds: PlacedMesh['bounds']
}

/** PostGIS has no code of its own for what can't be transformed. */
function isUnplaceable(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'XX000' && /transform|coordinate/i.test(error.message)
  )
}
