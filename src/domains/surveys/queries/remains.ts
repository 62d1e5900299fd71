import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import type { ProjectKey } from './projects.ts'
import type { ScanKey } from './scans.ts'

/* What is left of surveys, for `kitaab_worker` to remove. */

const before = (instant: Date) => sql<boolean>`deleted_at < ${instant.toISOString()}::timestamptz`

/** Projects that were deleted before then. */
export function deletedProjects(worker: Database, instant: Date, limit: number): Promise<ProjectKey[]> {
  return worker
    .selectFrom('projects')
    .where(before(instant))
    .orderBy('user_id')
    .orderBy('project_id')
    .limit(limit)
    .select(['user_id as ownerId', 'project_id as projectId'])
    .execute()
}

/** Scans that were deleted before then. */
export function deletedScans(worker: Database, instant: Date, limit: number): Promise<ScanKey[]> {
  return worker
    .selectFrom('lidar_scans')
    .where(before(instant))
    .orderBy('user_id')
    .orderBy('scan_id')
    .limit(limit)
    .select(['user_id as ownerId', 'scan_id as scanId'])
    .execute()
}

export function scansOfProject(
  worker: Database,
  { ownerId, projectId }: ProjectKey,
  limit: number,
): Promise<ScanKey[]> {
  return worker
    .selectFrom('lidar_scans')
    .where('user_id', '=', ownerId)
    .where('project_id', '=', projectId)
    .limit(limit)
    .select(['user_id as ownerId', 'scan_id as scanId'])
    .execute()
}

/** Deletes a scan with what hangs from it: its imports and moves, and what was calculated of it, which nobody could repeat. */
export function deleteScanRows(worker: Database, { ownerId, scanId }: ScanKey): Promise<void> {
  return worker.transaction().execute(async (tx) => {
    const isIts = sql<boolean>`user_id = ${ownerId} and scan_id = ${scanId}`
    const calculated = sql<boolean>`(user_id, calculation_id) in (
      select user_id, calculation_id from calculation_scans where user_id = ${ownerId} and scan_id = ${scanId}
    )`
    const { rows } = await sql<{ id: string }>`
      select calculation_id as id from calculations where ${calculated}`.execute(tx)
    const ids = rows.map(({ id }) => id)
    if (ids.length > 0) {
      await tx
        .deleteFrom('calculation_scans')
        .where('user_id', '=', ownerId)
        .where('calculation_id', 'in', ids)
        .execute()
      await tx.deleteFrom('calculations').where('user_id', '=', ownerId).where('calculation_id', 'in', ids).execute()
    }
    await tx.deleteFrom('scan_imports').where(isIts).execute()
    await tx.deleteFrom('scan_moves').where(isIts).execute()
    await tx.deleteFrom('lidar_scans').where(isIts).execute()
  })
}

/** Deletes a project whose scans are gone. */
export function deleteProjectRows(worker: Database, { ownerId, projectId }: ProjectKey): Promise<void> {
  return worker.transaction().execute(async (tx) => {
    const isIts = sql<boolean>`user_id = ${ownerId} and project_id = ${projectId}`
    await tx.deleteFrom('calculations').where(isIts).execute()
    await tx.deleteFrom('scan_imports').where(isIts).execute()
    await tx.deleteFrom('project_permissions').where(isIts).execute()
    await tx.deleteFrom('projects').where(isIts).execute()
  })
}

/**
 * Of these objects those that no scan names in this tier, deleted scans among them. Whoever has points on their way, in or between the tiers,
 * is left out: what these write is named only in the end.
 */
export async function unnamedObjects(
  worker: Database,
  tier: 'hot' | 'cold',
  objects: readonly { readonly ownerId: string; readonly key: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select object.key
    from unnest(${objects.map(({ ownerId }) => ownerId)}::bigint[], ${objects.map(({ key }) => key)}::text[]) as object (owner_id, key)
    where not exists (
      select from lidar_scans as scan
      where scan.user_id = object.owner_id and scan.object_key = object.key and scan.storage_tier = ${tier}::storage_tier
    )
    and not exists (
      select from scan_moves as move where move.user_id = object.owner_id and move.status in ('waiting', 'running')
    )
    and not exists (
      select from scan_imports as import where import.user_id = object.owner_id and import.status in ('waiting', 'running')
    )`.execute(worker)
  return rows.map(({ key }) => key)
}
