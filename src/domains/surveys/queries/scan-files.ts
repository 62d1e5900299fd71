import { type InferResult, sql } from 'kysely'
import type { PointCloudFormat, StorageTier } from '../../../generated/surveys.ts'
import { pairsIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { ScanDraft } from '../rules.ts'
import type { ProjectKey } from './projects.ts'
import type { ScanKey } from './scans.ts'

/** The files of scans whose rows the viewer has seen; no row for what came without one. */
function files(db: Database) {
  return db
    .selectFrom('lidar_scans')
    .where('object_key', 'is not', null)
    .select([
      'user_id as ownerId',
      'scan_id as scanId',
      'storage_tier as tier',
      'file_name as name',
      'file_format as format',
      'format_version as formatVersion',
      sql<number>`bytes::float8`.as('bytes'),
      sql<number>`point_count::float8`.as('pointCount'),
      'sha256',
      'crs',
      sql<number[]>`native_bounds`.as('bounds'),
      'metres_per_unit as metresPerUnit',
      'metres_per_height_unit as metresPerHeightUnit',
    ])
}

export type ScanFileRow = InferResult<ReturnType<typeof files>>[number]

export function filesOfScans(db: Database, keys: readonly ScanKey[]): Promise<ScanFileRow[]> {
  const pairs = keys.map(({ ownerId, scanId }) => [ownerId, scanId] as const)
  return files(db)
    .where(pairsIn(['user_id', 'scan_id'], pairs))
    .execute()
}

/** Where a file of an owner's is kept already. */
export interface KeptFile {
  readonly objectKey: string
  readonly tier: StorageTier
}

/** Of a file with these points: the scan of the project that has it, and where any scan of the owner's keeps it. Null: none. */
export async function knownFile(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  sha256: string,
): Promise<{ scanId: string | null; kept: KeptFile | null }> {
  const rows = await tx
    .selectFrom('lidar_scans')
    .where('user_id', '=', ownerId)
    .where('sha256', '=', sha256)
    .where('deleted_at', 'is', null)
    .where('object_key', 'is not', null)
    .select(['scan_id as scanId', 'project_id as projectId', 'object_key as objectKey', 'storage_tier as tier'])
    .orderBy('scan_id')
    .execute()
  const [first] = rows
  return {
    scanId: rows.find((row) => row.projectId === projectId)?.scanId ?? null,
    kept: first?.objectKey == null ? null : { objectKey: first.objectKey, tier: first.tier },
  }
}

/** What was read out of a file, as a row keeps it. */
export interface FileFacts {
  readonly fileName: string
  readonly format: PointCloudFormat
  readonly formatVersion: string | null
  readonly bytes: number
  readonly sha256: string
  readonly pointCount: number
  readonly crs: string
  /** Minimum x, y, z, maximum x, y, z. */
  readonly bounds: readonly number[]
  readonly metresPerUnit: number | null
  readonly metresPerHeightUnit: number
  /** Hexadecimal EWKB of WGS 84. */
  readonly footprint: string
}

/** Answers the scan's number. As `kitaab_worker`. */
export async function insertFileScan(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  { addedById, draft, facts, kept }: { addedById: UserId; draft: ScanDraft; facts: FileFacts; kept: KeptFile },
): Promise<string> {
  const { scanId } = await tx
    .insertInto('lidar_scans')
    .values({
      user_id: ownerId,
      project_id: projectId,
      added_by_user_id: addedById,
      name: draft.name,
      captured_at: draft.capturedAt,
      scan_data: JSON.stringify(draft.data),
      footprint: sql<string>`${facts.footprint}::geometry`,
      storage_tier: kept.tier,
      object_key: kept.objectKey,
      file_name: facts.fileName,
      file_format: facts.format,
      format_version: facts.formatVersion,
      bytes: String(facts.bytes),
      point_count: String(facts.pointCount),
      sha256: facts.sha256,
      crs: facts.crs,
      native_bounds: sql<number[]>`${facts.bounds}::float8[]`,
      metres_per_unit: facts.metresPerUnit,
      metres_per_height_unit: facts.metresPerHeightUnit,
    })
    .returning('scan_id as scanId')
    .executeTakeFirstOrThrow()
  return scanId
}
