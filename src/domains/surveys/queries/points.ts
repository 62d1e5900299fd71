import { sql } from 'kysely'
import type { PointCloudFormat, StorageTier } from '../../../generated/surveys.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { ScanKey } from './scans.ts'

/** Where the points of a scan are, and what they must be. */
export interface StoredScan extends ScanKey {
  readonly projectId: string
  readonly objectKey: string
  readonly tier: StorageTier
  readonly format: PointCloudFormat
  readonly bytes: number
  readonly sha256: string
  readonly lastReadAt: string | null
}

/** Null: there is no such scan that the reader may see, or it has no points. */
export async function storedScan(db: Database, { ownerId, scanId }: ScanKey): Promise<StoredScan | null> {
  const row = await db
    .selectFrom('lidar_scans')
    .where('user_id', '=', ownerId)
    .where('scan_id', '=', scanId)
    .select([
      'project_id as projectId',
      'object_key as objectKey',
      'storage_tier as tier',
      'file_format as format',
      sql<number>`bytes::float8`.as('bytes'),
      'sha256',
      'last_read_at as lastReadAt',
    ])
    .executeTakeFirst()
  if (!row) return null
  const { objectKey, format, sha256, ...rest } = row
  if (objectKey === null || format === null || sha256 === null) return null
  return { ownerId, scanId, objectKey, format, sha256, ...rest }
}

/** Notes that points were read, at most once a day. As `kitaab_worker`. */
export async function noteRead(worker: Database, { ownerId, scanId }: ScanKey, now: Date): Promise<void> {
  const instant = sql<string>`${now.toISOString()}::timestamptz`
  await worker
    .updateTable('lidar_scans')
    .where('user_id', '=', ownerId)
    .where('scan_id', '=', scanId)
    .where(sql<boolean>`coalesce(last_read_at, '-infinity') <= ${instant} - interval '1 day'`)
    .set({ last_read_at: instant })
    .execute()
}

/** The same in a viewer's transaction, of a scan that the viewer may see. */
export async function noteReadAsViewer(tx: Database, { ownerId, scanId }: ScanKey): Promise<void> {
  await sql`select note_scan_read(${ownerId}, ${scanId})`.execute(tx)
}

/** Whether any scan of an owner's names an object, deleted scans among them. As `kitaab_worker`. */
export async function isNamed(worker: Database, ownerId: UserId, objectKey: string): Promise<boolean> {
  const row = await worker
    .selectFrom('lidar_scans')
    .where('user_id', '=', ownerId)
    .where('object_key', '=', objectKey)
    .select(sql<number>`1`.as('one'))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
