import { type InferResult, sql } from 'kysely'
import type { PointCloudFormat } from '../../../generated/surveys.ts'
import { pairsIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { Metadata, ScanDraft } from '../rules.ts'
import { type ProjectKey, visibleProjects } from './projects.ts'

export interface ScanImportKey {
  readonly ownerId: UserId
  readonly scanImportId: string
}

/** What somebody says of a file that they sent. */
export interface ScanImportDraft extends ScanDraft {
  readonly uploadId: string
  readonly format: PointCloudFormat | null
  /** As it was written; null: as the file says. */
  readonly crs: string | null
}

/** Into projects that the viewer may see and that are there. */
function visibleImports(db: Database, viewerId: UserId) {
  return db
    .selectFrom('scan_imports as work')
    .innerJoin(visibleProjects(db, viewerId).where('projects.deleted_at', 'is', null).as('project'), (join) =>
      join.onRef('project.ownerId', '=', 'work.user_id').onRef('project.projectId', '=', 'work.project_id'),
    )
    .select([
      'work.user_id as ownerId',
      'work.scan_import_id as scanImportId',
      'work.project_id as projectId',
      'work.scan_id as scanId',
      'work.is_known as isKnown',
      'work.status',
      'work.progress',
      'work.error',
      'work.created_at as createdAt',
      'work.finished_at as finishedAt',
    ])
}

export type ScanImportRow = InferResult<ReturnType<typeof visibleImports>>[number]

export function scanImportsByKeys(
  db: Database,
  viewerId: UserId,
  keys: readonly ScanImportKey[],
): Promise<ScanImportRow[]> {
  const pairs = keys.map(({ ownerId, scanImportId }) => [ownerId, scanImportId] as const)
  return visibleImports(db, viewerId)
    .where(pairsIn(['work.user_id', 'work.scan_import_id'], pairs))
    .execute()
}

/** Notes what a viewer asked for; `enqueue` in the same transaction has it done. */
export async function insertScanImport(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  { askedById, draft }: { askedById: UserId; draft: ScanImportDraft },
): Promise<ScanImportRow> {
  const { scanImportId } = await tx
    .insertInto('scan_imports')
    .values({
      user_id: ownerId,
      project_id: projectId,
      asked_by_user_id: askedById,
      upload_id: draft.uploadId,
      name: draft.name,
      captured_at: draft.capturedAt,
      scan_data: JSON.stringify(draft.data),
      format: draft.format,
      crs: draft.crs,
    })
    .returning('scan_import_id as scanImportId')
    .executeTakeFirstOrThrow()
  return visibleImports(tx, askedById)
    .where('work.user_id', '=', ownerId)
    .where('work.scan_import_id', '=', scanImportId)
    .executeTakeFirstOrThrow()
}

/** What a worker does for an import; null when it is gone. `fileName`: as its sender calls it, null when the upload is gone. */
export async function askedImport(worker: Database, { ownerId, scanImportId }: ScanImportKey) {
  const row = await worker
    .selectFrom('scan_imports')
    .leftJoin('uploads', (join) =>
      join
        .onRef('uploads.user_id', '=', 'scan_imports.asked_by_user_id')
        .onRef('uploads.upload_id', '=', 'scan_imports.upload_id'),
    )
    .where('scan_imports.user_id', '=', ownerId)
    .where('scan_imports.scan_import_id', '=', scanImportId)
    .select([
      'scan_imports.project_id as projectId',
      'scan_imports.asked_by_user_id as askedById',
      'uploads.upload_id as uploadId',
      'uploads.file_name as fileName',
      'scan_imports.name',
      'scan_imports.captured_at as capturedAt',
      sql<Metadata>`scan_imports.scan_data`.as('data'),
      'scan_imports.format',
      'scan_imports.crs',
    ])
    .executeTakeFirst()
  return row ?? null
}

/** The import is done: the file is this scan. `isKnown`: and was before. In the transaction that adds the scan. */
export async function finishScanImport(
  tx: Database,
  { ownerId, scanImportId }: ScanImportKey,
  { scanId, isKnown }: { scanId: string; isKnown: boolean },
): Promise<void> {
  await tx
    .updateTable('scan_imports')
    .where('user_id', '=', ownerId)
    .where('scan_import_id', '=', scanImportId)
    .set({ status: 'succeeded', progress: '1', finished_at: sql<string>`now()`, scan_id: scanId, is_known: isKnown })
    .execute()
}
