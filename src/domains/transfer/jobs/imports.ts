import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { JobTools } from '../../../job-tools.ts'
import { failJob, finishJob, type JobKey, reportProgress, startJob } from '../../../platform/jobs/job-rows.ts'
import { ObjectMissing } from '../../../platform/objects/objects.ts'
import { withScratchFolder } from '../../../platform/scratch-folder.ts'
import { AccountUnavailable } from '../../identity/active-account.ts'
import { removeUpload } from '../../uploads/removing.ts'
import { uploadObject } from '../../uploads/uploads.ts'
import { importAsUser } from '../import-as.ts'
import { type ImportPlan, UnreadableExport } from '../import-plan.ts'
import { importFormats, type ReadingOptions } from '../readers.ts'
import { readApart } from '../reading/read-apart.ts'
import type { ImportFormat } from '../rules/import-shown.ts'
import { shownReport } from '../rules/import-shown.ts'

/** What is noted of an import that was asked for. */
export interface ImportInput extends ReadingOptions {
  readonly uploadId: string
  readonly fileName: string
  readonly format: ImportFormat
  readonly dryRun: boolean
}

export const importJobs = {
  /** Imports an upload as its owner. Done again after a worker died, it finds what is there already, and changes nothing. */
  async import_entries({ userId, jobId }: { userId: string; jobId: string }, tools: JobTools): Promise<void> {
    const key = { ownerId: userId, jobId }
    const job = await startJob(tools.worker, key)
    if (!job) return
    const input = job.input as unknown as ImportInput
    try {
      const report = await imported(key, input, tools)
      await finishJob(tools.worker, key, { ...shownReport(report) })
    } catch (error) {
      const reason = sentenceOf(error)
      if (reason === null) throw error
      // What was uploaded stays: it may have been the wrong format, or a column that was not named.
      return failJob(tools.worker, key, reason)
    }
    if (!input.dryRun) await removeUpload({ userId, uploadId: input.uploadId }, tools)
  },
}

/** What to tell whoever asked; null: it is no fault of theirs, and is tried again. */
function sentenceOf(error: unknown): string | null {
  if (error instanceof UnreadableExport) return error.forInput
  if (error instanceof AccountUnavailable) return error.message
  if (error instanceof ObjectMissing)
    return 'What was uploaded is not there any more: it was imported already, or a day has gone by. Send the file again.'
  return null
}

async function imported({ ownerId, jobId }: JobKey, input: ImportInput, tools: JobTools) {
  const { worker, databases, log, signal } = tools
  const plan = await planOf(ownerId, input, tools)
  const progress = makeProgress((share) => reportProgress(worker, { ownerId, jobId }, share))
  const { source } = importFormats[input.format]
  try {
    return await importAsUser(databases, plan, {
      userId: ownerId,
      dryRun: input.dryRun,
      source,
      log,
      onProgress: progress.show,
      signal,
    })
  } finally {
    await progress.shown()
  }
}

/** Reads the upload from a file of its own, which is gone afterwards. */
async function planOf(userId: string, input: ImportInput, { services, signal }: JobTools): Promise<ImportPlan> {
  const { uploadId, fileName, format, dateOrder, columns } = input
  const content = await services.objects.get(uploadObject({ userId, uploadId }))
  return withScratchFolder(async (folder) => {
    const file = path.join(folder, fileName)
    await pipeline(content, createWriteStream(file, { mode: 0o600 }), { signal })
    return readApart({ format, path: file, options: { dateOrder, columns } }, { signal })
  })
}

/** Writes the share that is done after each hundredth, one write at a time. */
function makeProgress(write: (share: number) => Promise<void>) {
  let last = 0
  let writing: Promise<void> = Promise.resolve()
  return {
    show(share: number) {
      if (share - last < 0.01) return
      last = share
      writing = writing.then(() => write(share)).catch(() => {})
    },
    shown: () => writing,
  }
}
