import type { Transaction } from '../../../platform/database/listeners.ts'
import type { UserId } from '../../../platform/database/types.ts'
import { conflict, notFound } from '../../../platform/graphql/errors.ts'
import { enqueue } from '../../../platform/jobs/enqueue.ts'
import { uploadByKey } from '../../uploads/queries.ts'
import { holdProject, type ProjectKey } from '../queries/projects.ts'
import { insertScanImport, type ScanImportDraft, type ScanImportRow } from '../queries/scan-imports.ts'

/** Asks for a file that was sent to be added as a scan. NOT_FOUND; CONFLICT, UPLOAD_NOT_COMPLETE. */
export async function askScanImport(
  tx: Transaction,
  viewerId: UserId,
  key: ProjectKey,
  draft: ScanImportDraft,
): Promise<ScanImportRow> {
  const project = await holdProject(tx, viewerId, key)
  if (!project) throw notFound('There is no such project in which you may write.', { field: 'input.projectId' })
  const upload = await uploadByKey(tx, { userId: viewerId, uploadId: draft.uploadId }, 'scan')
  if (!upload)
    throw notFound('There is no such upload: it was added already, or a day has gone by. Ask for another address.', {
      field: 'input.uploadId',
    })
  if (upload.storedAt === null)
    throw conflict('No file is there yet: send it to the address that `requestScanUpload` gave.', {
      reason: 'UPLOAD_NOT_COMPLETE',
      field: 'input.uploadId',
    })
  const made = await insertScanImport(tx, key, { askedById: viewerId, draft })
  await enqueue(tx, 'import_scan', { userId: key.ownerId, scanImportId: made.scanImportId })
  return made
}
