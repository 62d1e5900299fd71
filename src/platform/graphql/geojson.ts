import { GraphQLScalarType } from 'graphql'
import { jsonOfLiteral } from './json-object.ts'
import { parseOrRefuse } from './scalar-of-text.ts'

/** A geometry of GeoJSON: its type and coordinates, and nothing else that was sent along. */
export type GeoJson = Readonly<Record<string, unknown>>

const mostPositions = 10_000
const heights = { least: -20_000, most: 1_000_000 }

/** How lists are nested around the positions of each type, and how many positions the innermost has at least. */
const shapes: Readonly<Record<string, { depth: number; least: number; isRing?: boolean }>> = {
  Point: { depth: 0, least: 1 },
  MultiPoint: { depth: 1, least: 1 },
  LineString: { depth: 1, least: 2 },
  MultiLineString: { depth: 2, least: 2 },
  Polygon: { depth: 2, least: 4, isRing: true },
  MultiPolygon: { depth: 3, least: 4, isRing: true },
}

const details = { reason: 'INVALID_GEOMETRY' }

/** `GeoJSON`: a geometry in WGS 84. Whether lines cross themselves is for the database to say. */
export const geoJsonScalar = new GraphQLScalarType<GeoJson>({
  name: 'GeoJSON',
  serialize: (value) => value as GeoJson,
  parseValue: (value) => parseOrRefuse(() => checkedGeometry(value), details),
  parseLiteral: (node, variables) =>
    parseOrRefuse(() => checkedGeometry(jsonOfLiteral(node, variables ?? {})), details, node),
})

/** The geometry, reduced to what counts. Throws TypeError with a sentence that says what is wrong with it. */
export function checkedGeometry(value: unknown): GeoJson {
  const count = { positions: 0 }
  const geometry = isCollection(value) ? collection(value, count) : simpleGeometry(value, count)
  if (count.positions > mostPositions)
    throw new TypeError(`A geometry has at most ${mostPositions} positions here; this one has ${count.positions}.`)
  return geometry
}

interface Count {
  positions: number
}

function isCollection(value: unknown): value is { geometries?: unknown } {
  return isObject(value) && value.type === 'GeometryCollection'
}

function collection({ geometries }: { geometries?: unknown }, count: Count): GeoJson {
  if (!Array.isArray(geometries) || geometries.length === 0)
    throw new TypeError('A GeometryCollection has `geometries`, a list with at least one.')
  return { type: 'GeometryCollection', geometries: geometries.map((geometry) => simpleGeometry(geometry, count)) }
}

function simpleGeometry(value: unknown, count: Count): GeoJson {
  if (!isObject(value)) throw new TypeError('A geometry is an object with `type` and `coordinates`.')
  const { type, coordinates } = value
  const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (!shape) throw new TypeError(`A geometry is one of ${Object.keys(shapes).join(', ')}, or a GeometryCollection.`)
  checkCoordinates(coordinates, shape, shape.depth, count)
  return { type, coordinates }
}

function checkCoordinates(value: unknown, shape: { least: number; isRing?: boolean }, depth: number, count: Count) {
  if (depth === 0) return checkPosition(value, count)
  if (!Array.isArray(value) || value.length === 0) throw new TypeError('`coordinates` lack a list of positions.')
  for (const item of value) checkCoordinates(item, shape, depth - 1, count)
  if (depth > 1) return
  if (value.length < shape.least)
    throw new TypeError(`A line has at least 2 positions, a ring of a polygon at least 4.`)
  if (shape.isRing && String(value[0]) !== String(value.at(-1)))
    throw new TypeError('A ring of a polygon ends with the position that it begins with.')
}

function checkPosition(value: unknown, count: Count) {
  count.positions += 1
  const isPosition = Array.isArray(value) && (value.length === 2 || value.length === 3) && value.every(Number.isFinite)
  if (!isPosition) throw new TypeError('A position is two or three numbers: longitude, latitude, height.')
  const [longitude, latitude, height = 0] = value
  if (Math.abs(longitude) > 180 || Math.abs(latitude) > 90)
    throw new TypeError('A position has longitude -180..180, then latitude -90..90.')
  if (height < heights.least || height > heights.most)
    throw new TypeError(`A height is in metres, ${heights.least}..${heights.most}.`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
