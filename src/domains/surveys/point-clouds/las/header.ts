import type { FileSlices } from '../file-slices.ts'
import { isCoordinate, mostPoints, PointCloudError, type Position } from '../model.ts'

/**
 * The public header block of LAS 1.2, 1.3 and 1.4: ASPRS, "LAS Specification 1.4 - R15", section 2.4. What is not read here says
 * nothing about where points are.
 */
export interface LasHeader {
  readonly version: '1.2' | '1.3' | '1.4'
  readonly isCompressed: boolean
  /** 0 to 10. */
  readonly pointFormat: number
  /** In bytes. */
  readonly recordLength: number
  readonly pointsFrom: number
  readonly pointCount: number
  readonly scale: Position
  readonly offset: Position
  readonly min: Position
  readonly max: Position
  readonly createdOn: Date | null
  /** Says that the CRS is told as well-known text. */
  readonly prefersWkt: boolean
  readonly records: { readonly from: number; readonly count: number }
  /** Behind the points, since 1.4. */
  readonly extendedRecords: { readonly from: number; readonly count: number }
}

const leastLengths = { '1.2': 227, '1.3': 235, '1.4': 375 } as const
/** Of a record of each point format. */
export const leastRecordLengths: readonly number[] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67]
const formatsOf = { '1.2': 3, '1.3': 5, '1.4': 10 } as const

export async function readLasHeader(file: FileSlices): Promise<LasHeader> {
  const first = await file.read(0, leastLengths['1.2'], 'The header')
  const version = versionOf(first)
  const length = first.readUInt16LE(94)
  if (length < leastLengths[version])
    throw new PointCloudError(
      { byte: 94 },
      `A header of LAS ${version} has at least ${leastLengths[version]} bytes; this one says ${length}.`,
    )
  const bytes = await file.read(0, leastLengths[version], 'The header')
  const header = {
    version,
    ...pointLayout(bytes, version),
    ...space(bytes),
    pointsFrom: bytes.readUInt32LE(96),
    pointCount: pointCount(bytes, version),
    createdOn: creation(bytes.readUInt16LE(92), bytes.readUInt16LE(90)),
    prefersWkt: (bytes.readUInt16LE(6) & 0x10) !== 0,
    records: { from: length, count: bytes.readUInt32LE(100) },
    extendedRecords: extendedRecords(bytes, version),
  }
  if (header.pointsFrom < length || header.pointsFrom > file.bytes)
    throw new PointCloudError(
      { byte: 96 },
      `Points would begin at byte ${header.pointsFrom}; the header has ${length} bytes and the file ${file.bytes}.`,
    )
  return header
}

function versionOf(bytes: Buffer): LasHeader['version'] {
  const version = `${bytes[24]}.${bytes[25]}`
  if (version === '1.2' || version === '1.3' || version === '1.4') return version
  throw new PointCloudError({ byte: 24 }, `LAS 1.2, 1.3 and 1.4 are read; this says ${version}.`)
}

function pointLayout(bytes: Buffer, version: LasHeader['version']) {
  const told = bytes.readUInt8(104)
  const pointFormat = told & 0x3f
  const least = leastRecordLengths[pointFormat]
  if (least === undefined || pointFormat > formatsOf[version])
    throw new PointCloudError({ byte: 104 }, `LAS ${version} has no point format ${pointFormat}.`)
  if ((told & 0xc0) === 0xc0)
    throw new PointCloudError({ byte: 104 }, 'It is compressed as before LASzip 2. Write it again with a newer LASzip.')
  const recordLength = bytes.readUInt16LE(105)
  if (recordLength < least)
    throw new PointCloudError(
      { byte: 105 },
      `A point of format ${pointFormat} has at least ${least} bytes; this says ${recordLength}.`,
    )
  return { pointFormat, recordLength, isCompressed: (told & 0x80) !== 0 }
}

function pointCount(bytes: Buffer, version: LasHeader['version']): number {
  const legacy = bytes.readUInt32LE(107)
  const told = version === '1.4' ? bytes.readBigUInt64LE(247) : 0n
  if (told !== 0n && legacy !== 0 && told !== BigInt(legacy))
    throw new PointCloudError({ byte: 107 }, `The header says ${legacy} points here and ${told} at byte 247.`)
  const count = told === 0n ? BigInt(legacy) : told
  if (count <= BigInt(mostPoints)) return Number(count)
  const byte = told === 0n ? 107 : 247
  throw new PointCloudError({ byte }, `It would have ${count} points; at most ${mostPoints} are read. Split the file.`)
}

/** Scale, offset and bounds of each axis. */
function space(bytes: Buffer) {
  const three = (from: number, step: number) =>
    [bytes.readDoubleLE(from), bytes.readDoubleLE(from + step), bytes.readDoubleLE(from + 2 * step)] as const
  const scale = three(131, 8)
  const offset = three(155, 8)
  const max = three(179, 16)
  const min = three(187, 16)
  for (const axis of [0, 1, 2] as const) {
    if (!(scale[axis] > 0 && isCoordinate(scale[axis])))
      throw new PointCloudError({ byte: 131 + 8 * axis }, `A scale of ${scale[axis]} tells no place.`)
    if (!isCoordinate(offset[axis]))
      throw new PointCloudError({ byte: 155 + 8 * axis }, `An offset of ${offset[axis]} is no coordinate.`)
    if (!(isCoordinate(min[axis]) && isCoordinate(max[axis]) && min[axis] <= max[axis]))
      throw new PointCloudError({ byte: 179 + 16 * axis }, `No points lie between ${min[axis]} and ${max[axis]}.`)
  }
  return { scale, offset, min, max }
}

function creation(year: number, dayOfYear: number): Date | null {
  const date = new Date(Date.UTC(year, 0, dayOfYear))
  // LAS is of 2003; its day may be left out by a zero.
  return year >= 2000 && dayOfYear >= 1 && date.getUTCFullYear() === year ? date : null
}

function extendedRecords(bytes: Buffer, version: LasHeader['version']): LasHeader['extendedRecords'] {
  const count = version === '1.4' ? bytes.readUInt32LE(243) : 0
  return { count, from: count === 0 ? 0 : Number(bytes.readBigUInt64LE(235)) }
}
