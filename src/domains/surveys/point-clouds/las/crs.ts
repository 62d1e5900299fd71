import type { Crs } from '../model.ts'
import { textOf, type VariableRecord } from './variable-records.ts'

const geoKeysId = 34_735
const wktId = 2112

/** Keys of GeoTIFF (OGC 19-008r4), and what "user-defined" is in them. */
const projectedCrs = 3072
const geographicCrs = 2048
const verticalUnits = 4099
const userDefined = 32_767

/** Metres per unit of length, by EPSG's code of the unit. */
const metresPerUnit: Readonly<Record<number, number>> = { 9001: 1, 9002: 0.3048, 9003: 1200 / 3937 }

export function tellsCrs(user: string, id: number): boolean {
  return (user === 'LASF_Projection' && (id === geoKeysId || id === wktId)) || (user === 'liblas' && id === wktId)
}

export interface ToldCrs {
  readonly crs: Crs | null
  readonly metresPerHeightUnit: number | null
}

/** By GeoTIFF's keys or by well-known text; where there are both, as the header says, and else by the one that names a code. */
export function crsOf(records: readonly VariableRecord[], prefersWkt: boolean): ToldCrs {
  const text = records.filter(({ id }) => id === wktId).map(({ content }) => textOf(content).trim())
  const wkt = text.find((told) => told !== '')
  const keys = geoKeys(records.find(({ id }) => id === geoKeysId)?.content)
  const epsg = [keys.get(projectedCrs), keys.get(geographicCrs)].find((code) => code !== undefined && isCode(code))
  const metresPerHeightUnit = metresPerUnit[keys.get(verticalUnits) ?? 0] ?? null
  if (wkt !== undefined && (prefersWkt || epsg === undefined)) return { crs: { wkt }, metresPerHeightUnit }
  return { crs: epsg === undefined ? null : { epsg }, metresPerHeightUnit }
}

function isCode(value: number): boolean {
  return value >= 1024 && value < userDefined
}

/** The keys whose value stands beside them: a head of four numbers, then four for each key. */
function geoKeys(content: Buffer | undefined): ReadonlyMap<number, number> {
  const keys = new Map<number, number>()
  if (content === undefined || content.length < 8) return keys
  for (let at = 8, left = content.readUInt16LE(6); left > 0 && at + 8 <= content.length; at += 8, left -= 1)
    if (content.readUInt16LE(at + 2) === 0) keys.set(content.readUInt16LE(at), content.readUInt16LE(at + 6))
  return keys
}
