/** A code of EPSG's register, or well-known text. As `Crs` of point clouds. */
export type NamedCrs = { readonly epsg: number } | { readonly wkt: string }

/** In characters. */
export const longestCrs = 20_000

/** `EPSG:26910`, or the text itself. */
export function shownCrs(crs: NamedCrs): string {
  return 'epsg' in crs ? `EPSG:${crs.epsg}` : crs.wkt
}

/** What somebody writes for a CRS: `EPSG:26910`, `26910`, or well-known text. Null when it is neither. */
export function crsOfText(text: string): NamedCrs | null {
  const trimmed = text.trim()
  const [, code] = /^(?:EPSG:+)?(\d{4,6})$/i.exec(trimmed) ?? []
  if (code !== undefined) return { epsg: Number(code) }
  return unitsOfWkt(trimmed) === null ? null : { wkt: trimmed }
}

/** Lengths of one unit. */
export interface CrsUnits {
  /** Of x and y; null: they are degrees. */
  readonly metresPerUnit: number | null
  /** Of z: that of the vertical system, else the horizontal unit of a projection, else metres. */
  readonly metresPerHeightUnit: number
}

/**
 * The units of a projected or geographic system, alone or with a vertical one, in well-known text of either version (OGC 01-009, ISO
 * 19162). Null for anything else: geocentric and local systems tell nobody where on the map something lies.
 */
export function unitsOfWkt(wkt: string): CrsUnits | null {
  const root = parsed(wkt)
  if (root === null) return null
  const systems = compound.has(root.keyword) ? root.parts : [root]
  const horizontal = systems.find(({ keyword }) => projected.has(keyword) || geographic.has(keyword))
  if (horizontal === undefined) return null
  const metresPerUnit = projected.has(horizontal.keyword) ? lengthUnit(horizontal) : null
  if (projected.has(horizontal.keyword) && metresPerUnit === null) return null
  const vertical = systems.find(({ keyword }) => verticals.has(keyword))
  return { metresPerUnit, metresPerHeightUnit: (vertical && lengthUnit(vertical)) ?? metresPerUnit ?? 1 }
}

const compound = new Set(['COMPD_CS', 'COMPOUNDCRS'])
const projected = new Set(['PROJCS', 'PROJCRS', 'PROJECTEDCRS'])
const geographic = new Set(['GEOGCS', 'GEOGCRS', 'GEOGRAPHICCRS', 'GEODCRS'])
const verticals = new Set(['VERT_CS', 'VERTCRS', 'VERTICALCRS'])
const lengths = new Set(['UNIT', 'LENGTHUNIT'])

/** Of a system itself, not of what it is based on; of an axis where only axes say so. */
function lengthUnit({ parts }: Element): number | null {
  const own = parts.find(({ keyword }) => lengths.has(keyword))
  const ofAxis = parts.filter(({ keyword }) => keyword === 'AXIS').flatMap((axis) => axis.parts)
  const unit = own ?? ofAxis.find(({ keyword }) => lengths.has(keyword))
  const metres = unit?.numbers[0]
  return metres !== undefined && metres > 0 && Number.isFinite(metres) ? metres : null
}

/** `KEYWORD["name", 1, OTHER[...]]` */
interface Element {
  readonly keyword: string
  readonly numbers: number[]
  readonly parts: Element[]
}

const deepest = 20

/** Null unless the whole text is one element. */
function parsed(wkt: string): Element | null {
  if (wkt.length > longestCrs) return null
  const tokens = wkt.match(/"(?:[^"]|"")*"|[A-Za-z_][A-Za-z_0-9]*|[-+]?[0-9.]+(?:[eE][-+]?\d+)?|[[\](),]|\S/g) ?? []
  const open: Element[] = []
  let root: Element | null = null
  for (const [at, token] of tokens.entries()) {
    if (root !== null && open.length === 0) return null
    const [next] = tokens.slice(at + 1, at + 2)
    if (/^[A-Za-z_]/.test(token) && (next === '[' || next === '(')) {
      const element = { keyword: token.toUpperCase(), numbers: [], parts: [] }
      if (open.length >= deepest) return null
      open.at(-1)?.parts.push(element)
      if (root === null) root = element
      open.push(element)
    } else if (root === null) return null
    else if (token === ']' || token === ')') open.pop()
    else if (/^[-+.\d]/.test(token)) open.at(-1)?.numbers.push(Number(token))
  }
  return open.length === 0 ? root : null
}
