import type { Readable } from 'node:stream'
import type { Database } from '../../platform/database/types.ts'
import { ObjectMissing, type ObjectStore } from '../../platform/objects/objects.ts'
import { noteRead, type StoredScan, storedScan } from './queries/points.ts'
import type { ScanKey } from './queries/scans.ts'
import { requireAtHand } from './rules/tiers.ts'
import { readPoints } from './stored-points.ts'

export interface PointsReader {
  /** As `kitaab_worker`. */
  readonly worker: Database
  readonly services: { readonly objects: ObjectStore }
  now(): Date
}

/** The file of a scan, as it came. */
export interface OpenedPoints {
  readonly scan: StoredScan
  /** To be read to its end, or destroyed. */
  readonly content: Readable
}

/**
 * Opens a scan's points, and notes that they were read. Null: there are none. Rejects with CONFLICT, SCAN_IS_COLD, when they are in the
 * archive. That they are moved meanwhile disturbs nobody who reads.
 */
export async function openPoints(reader: PointsReader, key: ScanKey): Promise<OpenedPoints | null> {
  const scan = await storedScan(reader.worker, key)
  if (scan === null) return null
  requireAtHand(scan)
  const content = await readPoints(reader.services.objects, scan.objectKey).catch(async (error: unknown) => {
    if (!(error instanceof ObjectMissing)) throw error
    // They were moved since the row was read.
    const now = await storedScan(reader.worker, key)
    if (now === null || now.objectKey === scan.objectKey) throw error
    requireAtHand(now)
    return readPoints(reader.services.objects, now.objectKey)
  })
  await noteRead(reader.worker, key, reader.now())
  return { scan, content }
}
