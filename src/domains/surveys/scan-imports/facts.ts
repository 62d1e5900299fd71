import type { Database } from '../../../platform/database/types.ts'
import { footprintOf, wktOfEpsg } from '../queries/coordinate-systems.ts'
import type { FileFacts } from '../queries/scan-files.ts'
import {
  type CrsUnits,
  crsOfText,
  longestCrs,
  type NamedCrs,
  shownCrs,
  unitsOfWkt,
} from '../rules/coordinate-systems.ts'
import { ScanRefused } from '../rules/scan-refused.ts'
import type { Inspected } from './inspect.ts'

/** What a scan keeps of its file. Rejects with `ScanRefused` when nobody can say where on the map the points lie. */
export async function factsOf(
  db: Database,
  { header, sample, bytes, sha256 }: Inspected,
  { fileName, crs: told }: { fileName: string; crs: string | null },
): Promise<FileFacts> {
  const crs = told === null ? header.crs : crsOfText(told)
  if (crs === null) throw noCrs(told)
  const units = await unitsOf(db, crs)
  if (units.metresPerUnit === null && header.max[0] - header.min[0] > 180) throw jumping()
  const { shape, width, west, south, east, north } = await footprintOf(db, sample, crs).catch((error: unknown) => {
    if (isOfProj(error)) throw notPlaced(crs)
    throw error
  })
  // No number is above or below any other.
  if (!(west >= -180 && east <= 180 && south >= -90 && north <= 90)) throw notPlaced(crs)
  if (width > 180) throw aroundThePole(crs)
  return {
    fileName,
    format: header.format,
    formatVersion: header.version,
    bytes,
    sha256,
    pointCount: header.pointCount,
    crs: shownCrs(crs),
    bounds: [...header.min, ...header.max],
    metresPerUnit: units.metresPerUnit,
    metresPerHeightUnit: header.metresPerHeightUnit ?? units.metresPerHeightUnit,
    footprint: shape,
  }
}

async function unitsOf(db: Database, crs: NamedCrs): Promise<CrsUnits> {
  const wkt = 'wkt' in crs ? crs.wkt : await wktOfEpsg(db, crs.epsg)
  if (wkt === null) throw new ScanRefused(`PostGIS knows no ${shownCrs(crs)}: give its well-known text as \`crs\`.`)
  const units = wkt.length <= longestCrs ? unitsOfWkt(wkt) : null
  if (units !== null) return units
  throw new ScanRefused(
    `The coordinate system ${'epsg' in crs ? shownCrs(crs) : 'of the file'} is neither projected nor geographic: give one that is as \`crs\`.`,
  )
}

function noCrs(told: string | null): ScanRefused {
  return new ScanRefused(
    told === null
      ? 'The file does not say in which coordinate system its points are: give it as `crs`, such as EPSG:26910.'
      : '`crs` is neither a code such as EPSG:26910 nor the well-known text of a projected or geographic system.',
  )
}

function nameOf(crs: NamedCrs): string {
  return 'epsg' in crs ? shownCrs(crs) : 'the coordinate system given by its text'
}

function notPlaced(crs: NamedCrs): ScanRefused {
  return new ScanRefused(`In ${nameOf(crs)} the points lie nowhere on Earth: give the right one as \`crs\`.`)
}

/** Degrees that begin anew at the 180th meridian: what lies between the two sides would seem to go around the Earth. */
function jumping(): ScanRefused {
  return new ScanRefused(
    'The points lie on both sides of the 180th meridian, where their degrees jump. Give the file in a projected system, or with longitudes that go on beyond 180.',
  )
}

function aroundThePole(crs: NamedCrs): ScanRefused {
  return new ScanRefused(
    `In ${nameOf(crs)} the points lie around a pole, of which no map in degrees has a footprint: give the right one as \`crs\`, or split the file into tiles beside the pole.`,
  )
}

/** What PostGIS says when PROJ can't: internal errors, and values that are out of range. */
function isOfProj(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'XX000' || code === '22023'
}
