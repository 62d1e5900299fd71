import type { FileSlices } from '../file-slices.ts'
import { PointCloudError } from '../model.ts'
import type { LasHeader } from './header.ts'

/** A variable length record of LAS, beside the points: ASPRS, "LAS Specification 1.4 - R15", sections 2.5 and 2.7. */
export interface VariableRecord {
  readonly user: string
  readonly id: number
  /** Where its content begins. */
  readonly from: number
  readonly content: Buffer
}

/** More than any file of a surveyor has. */
const mostRecords = 10_000
/** Larger ones hold waveforms and pictures: they are passed over. */
const mostContentBytes = 1024 * 1024
/** Of all together. */
const mostTotalBytes = 16 * 1024 * 1024

const kinds = {
  before: { headBytes: 54, lengthOf: (head: Buffer) => head.readUInt16LE(20) },
  behind: { headBytes: 60, lengthOf: (head: Buffer) => Number(head.readBigUInt64LE(20)) },
} as const

/** Those before the points and, since 1.4, behind them, which `wanted` names. Rejects with `PointCloudError` where one leaves its bounds. */
export async function readVariableRecords(
  file: FileSlices,
  { records, extendedRecords, pointsFrom }: LasHeader,
  wanted: (user: string, id: number) => boolean,
): Promise<readonly VariableRecord[]> {
  const found: VariableRecord[] = []
  for (const [kind, { from, count }, end] of [
    [kinds.before, records, pointsFrom],
    [kinds.behind, extendedRecords, file.bytes],
  ] as const) {
    if (count > mostRecords)
      throw new PointCloudError({ byte: kind === kinds.before ? 100 : 243 }, `It would have ${count} variable records.`)
    let at = from
    for (let left = count; left > 0; left -= 1) {
      const head = await file.read(at, kind.headBytes, 'The head of a variable record')
      const length = kind.lengthOf(head)
      if (!(at + kind.headBytes + length <= end))
        throw new PointCloudError({ byte: at }, `A variable record of ${length} bytes would go beyond byte ${end}.`)
      const user = textOf(head.subarray(2, 18))
      const id = head.readUInt16LE(18)
      at += kind.headBytes
      const held = found.reduce((total, { content }) => total + content.length, 0)
      if (wanted(user, id) && length <= mostContentBytes && held + length <= mostTotalBytes)
        found.push({ user, id, from: at, content: await file.read(at, length, 'A variable record') })
      at += length
    }
  }
  return found
}

/** Text that a zero ends. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end)
}
