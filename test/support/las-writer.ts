/** A point in native coordinates. */
export type WrittenPoint = readonly [x: number, y: number, z: number]

export interface LasContent {
  readonly points: readonly WrittenPoint[]
  readonly version?: '1.2' | '1.3' | '1.4'
  /** 0 to 10. */
  readonly pointFormat?: number
  /** Bytes behind each point. */
  readonly extraBytes?: number
  readonly scale?: number
  readonly offset?: WrittenPoint
  /** Of GeoTIFF, each a key and its value. */
  readonly geoKeys?: readonly (readonly [key: number, value: number])[]
  readonly wkt?: string
  /** Writes the well-known text behind the points, as 1.4 allows. */
  readonly wktBehind?: boolean
  readonly wktUser?: string
  readonly prefersWkt?: boolean
  readonly created?: readonly [year: number, dayOfYear: number]
}

export const recordLengths = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67] as const
const headerLengths = { '1.2': 227, '1.3': 235, '1.4': 375 } as const

/** A LAS file: header, variable records, points, and what stands behind them. */
export function lasFile(content: LasContent): Buffer {
  const { before, behind } = variableRecords(content)
  const points = Buffer.concat(content.points.map((point) => pointRecord(content, point)))
  const header = lasHeader(content, before, behind.length > 0 ? points.length : null)
  return Buffer.concat([header, ...before, points, ...behind])
}

/** The header, for these variable records before the points, and others behind so many bytes of points. */
export function lasHeader(content: LasContent, before: readonly Buffer[], pointBytes: number | null): Buffer {
  const { points, version = '1.2', pointFormat = 0, extraBytes = 0, scale = 0.01, offset = [0, 0, 0] } = content
  const length = headerLengths[version]
  const header = Buffer.alloc(length)
  const from = length + before.reduce((total, record) => total + record.length, 0)
  header.write('LASF', 'latin1')
  header.writeUInt16LE(content.prefersWkt ? 0x10 : 0, 6)
  header.writeUInt8(1, 24)
  header.writeUInt8(Number(version.at(-1)), 25)
  header.writeUInt16LE(content.created?.[1] ?? 0, 90)
  header.writeUInt16LE(content.created?.[0] ?? 0, 92)
  header.writeUInt16LE(length, 94)
  header.writeUInt32LE(from, 96)
  header.writeUInt32LE(before.length, 100)
  header.writeUInt8(pointFormat, 104)
  header.writeUInt16LE((recordLengths[pointFormat] ?? 0) + extraBytes, 105)
  header.writeUInt32LE(pointFormat < 6 ? points.length : 0, 107)
  for (const axis of [0, 1, 2] as const) {
    const values = points.map((point) => native(point[axis], scale, offset[axis]) * scale + offset[axis])
    header.writeDoubleLE(scale, 131 + 8 * axis)
    header.writeDoubleLE(offset[axis], 155 + 8 * axis)
    header.writeDoubleLE(largest(values), 179 + 16 * axis)
    header.writeDoubleLE(0 - largest(values.map((value) => -value)), 187 + 16 * axis)
  }
  if (version !== '1.4') return header
  if (pointBytes !== null) header.writeBigUInt64LE(BigInt(from + pointBytes), 235)
  header.writeUInt32LE(pointBytes === null ? 0 : 1, 243)
  header.writeBigUInt64LE(BigInt(points.length), 247)
  return header
}

function largest(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
}

function native(value: number, scale: number, offset: number): number {
  return Math.round((value - offset) / scale)
}

export function pointRecord(content: LasContent, point: WrittenPoint): Buffer {
  const { pointFormat = 0, extraBytes = 0, scale = 0.01, offset = [0, 0, 0] } = content
  const record = Buffer.alloc((recordLengths[pointFormat] ?? 0) + extraBytes)
  for (const axis of [0, 1, 2] as const) record.writeInt32LE(native(point[axis], scale, offset[axis]), 4 * axis)
  return record
}

/** Those that tell the CRS. */
export function variableRecords(content: LasContent): { before: Buffer[]; behind: Buffer[] } {
  const { geoKeys, wkt, wktBehind = false, wktUser = 'LASF_Projection' } = content
  const before: Buffer[] = []
  if (geoKeys) {
    const numbers = [1, 1, 0, geoKeys.length, ...geoKeys.flatMap(([key, value]) => [key, 0, 1, value])]
    before.push(variableRecord('LASF_Projection', 34_735, Buffer.from(Uint16Array.from(numbers).buffer)))
  }
  if (wkt === undefined) return { before, behind: [] }
  const text = Buffer.from(`${wkt}\0`)
  if (wktBehind) return { before, behind: [extendedRecord(wktUser, 2112, text)] }
  return { before: [...before, variableRecord(wktUser, 2112, text)], behind: [] }
}

export function variableRecord(user: string, id: number, content: Buffer): Buffer {
  const head = Buffer.alloc(54)
  head.write(user, 2, 'latin1')
  head.writeUInt16LE(id, 18)
  head.writeUInt16LE(content.length, 20)
  return Buffer.concat([head, content])
}

function extendedRecord(user: string, id: number, content: Buffer): Buffer {
  const head = Buffer.alloc(60)
  head.write(user, 2, 'latin1')
  head.writeUInt16LE(id, 18)
  head.writeBigUInt64LE(BigInt(content.length), 20)
  return Buffer.concat([head, content])
}
