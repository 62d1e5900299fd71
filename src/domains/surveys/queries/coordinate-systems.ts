import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import type { NamedCrs } from '../rules/coordinate-systems.ts'

/** The well-known text of a code of EPSG's; null when PostGIS does not know it. Any role may ask. */
export async function wktOfEpsg(db: Database, epsg: number): Promise<string | null> {
  const { rows } = await sql<{ wkt: string }>`
    select srtext as wkt from spatial_ref_sys where srid = ${epsg} and auth_name = 'EPSG' and srtext <> ''`.execute(db)
  return rows[0]?.wkt ?? null
}

export interface FootprintRow {
  /** Of WGS 84, as hexadecimal EWKB; cut in two where the 180th meridian crosses it. */
  readonly shape: string
  /** From its westernmost to its easternmost place, on from one side of the 180th meridian to the other; in degrees. */
  readonly width: number
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/**
 * How long an edge of the hull may be: this share of the way from the shortest to the longest edge between neighbours among the points.
 * Of points that lie as evenly as a sample does, a tenth follows bays of a few cells, and bridges gaps of less.
 */
const longestEdge = 0.1
/** Corners that lie this near to the line between their neighbours are left out, in cells of the sample. */
const straightness = 0.25

/**
 * What points cover, in WGS 84: their concave hull without holes (ST_ConcaveHull, where they lie in their own system), a line or a point
 * where they have no more; cut at the 180th meridian, as RFC 7946, section 3.1.9, asks. Fails where PROJ does: it knows no such system, or
 * no place for the points in it.
 */
export async function footprintOf(
  db: Database,
  { x, y, cell }: { readonly x: Float64Array; readonly y: Float64Array; readonly cell: number },
  crs: NamedCrs,
): Promise<FootprintRow> {
  const hull = sql`st_simplifypreservetopology(st_concavehull(shape, ${longestEdge}::float8, false), ${cell * straightness}::float8)`
  // What is not materialized is worked out again wherever it is named.
  const { rows } = await sql<FootprintRow>`
    with points as materialized (
      select st_collect(st_point(x, y)) as shape from unnest(${[...x]}::float8[], ${[...y]}::float8[]) as point (x, y)
    ), hulls as materialized (
      select shape, ${hull} as hull from points
    ), placed as materialized (
      select ${inWgs84(sql`case when st_isempty(hull) then st_convexhull(shape) else hull end`, crs)} as shape from hulls
    ), continued as materialized (
      select ${continued(sql`shape`)} as shape from placed
    ), valid as materialized (
      select case when st_isvalid(shape) then shape else st_convexhull(shape) end as shape from continued
    ), cut as materialized (
      select case when st_xmax(shape) > 180 then st_wrapx(shape, 180, -360) else shape end as shape, st_xmax(shape) - st_xmin(shape) as width
      from valid
    )
    select encode(st_asewkb(shape), 'hex') as shape, width, st_xmin(shape) as west, st_ymin(shape) as south, st_xmax(shape) as east,
      st_ymax(shape) as north
    from cut`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('One row always comes.')
  return row
}

/** A shape with places on both sides of the 180th meridian, which seems to go once around the Earth, with longitudes up to 360. */
export function continued(shape: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when st_xmax(${shape}) - st_xmin(${shape}) > 180 then st_shiftlongitude(${shape}) else ${shape} end`
}

function inWgs84(shape: RawBuilder<unknown>, crs: NamedCrs): RawBuilder<unknown> {
  return 'epsg' in crs
    ? sql`st_transform(st_setsrid(${shape}, ${crs.epsg}::integer), 4326)`
    : sql`st_transform(${shape}, ${crs.wkt}::text, 4326)`
}
