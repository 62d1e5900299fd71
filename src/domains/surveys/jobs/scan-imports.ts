import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { JobTools } from '../../../job-tools.ts'
import { ObjectMissing } from '../../../platform/objects/objects.ts'
import { withScratchFolder } from '../../../platform/scratch-folder.ts'
import { removeUpload } from '../../uploads/removing.ts'
import { shownFileName, uploadObject } from '../../uploads/uploads.ts'
import { refusalOf } from '../constraint-errors.ts'
import { failWork, makeWorkProgress, startWork, type WorkKey } from '../queries/long-work.ts'
import { askedImport, finishScanImport, type ScanImportKey } from '../queries/scan-imports.ts'
import { ScanRefused } from '../rules/scan-refused.ts'
import { importScan } from '../scan-imports/import-scan.ts'

export const scanImportJobs = {
  /** SUR-1 Adds a file that was sent as a scan. Done again after a worker died, it begins anew, and adds it once. */
  async import_scan(
    { userId, scanImportId }: { userId: string; scanImportId: string },
    tools: JobTools,
  ): Promise<void> {
    const work: WorkKey = { table: 'scan_imports', ownerId: userId, id: scanImportId }
    if (!(await startWork(tools.worker, work))) return
    const sent = await imported({ ownerId: userId, scanImportId }, work, tools).catch((error: unknown) => {
      const reason = sentenceOf(error)
      if (reason === null) throw error
      // What was sent stays: the coordinate system may have been the wrong one.
      return failWork(tools.worker, work, reason)
    })
    if (sent) await removeUpload(sent, tools)
  },
}

/** Null: it is no fault of whoever asked, and is tried again. */
function sentenceOf(error: unknown): string | null {
  if (error instanceof ScanRefused) return error.message
  if (error instanceof ObjectMissing) return gone
  return refusalOf(error)
}

const gone = 'What was sent is not there any more: it was added already, or a day has gone by. Send the file again.'
/** How much of the work is fetching what was sent. */
const fetchingShare = 0.1

/** Answers the upload, which is of no more use. */
async function imported(key: ScanImportKey, work: WorkKey, tools: JobTools) {
  const { worker, services, signal } = tools
  const asked = await askedImport(worker, key)
  if (asked?.uploadId == null) throw new ScanRefused(gone)
  const { projectId, askedById, uploadId, format, crs, name, capturedAt, data } = asked
  const upload = { userId: askedById, uploadId }
  const written = makeWorkProgress(worker, work)
  const show = (share: number) => written.show(fetchingShare + (1 - fetchingShare) * share)
  const progress = { show, shown: written.shown }
  return withScratchFolder(async (folder) => {
    const file = path.join(folder, 'points')
    const content = await services.objects.get(uploadObject(upload))
    await pipeline(content, createWriteStream(file, { mode: 0o600 }), { signal })
    const wanted = {
      file: { path: file, format },
      fileName: shownFileName(asked.fileName ?? 'scan'),
      project: { ownerId: key.ownerId, projectId },
      addedById: askedById,
      draft: { name, capturedAt, data },
      crs,
      name: `import-${key.scanImportId}`,
    }
    await importScan({ worker, objects: services.objects, signal, progress }, wanted, (tx, scan) =>
      finishScanImport(tx, key, scan),
    )
    return upload
  }).finally(progress.shown)
}
