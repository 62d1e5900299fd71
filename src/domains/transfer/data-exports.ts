import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { conflict, rateLimited } from '../../platform/graphql/errors.ts'
import { enqueue } from '../../platform/jobs/enqueue.ts'
import { insertJob } from '../../platform/jobs/job-rows.ts'
import { lockOwner } from '../deeds/queries/locks.ts'
import { type DataExportRow, exportKind, exportsOfToday, mostExportsADay } from './queries/data-exports.ts'

/** Asks for an export of all that is the viewer's: one at a time, five in 24 hours. Throws CONFLICT or RATE_LIMITED. */
export async function requestExport(tx: Transaction, ownerId: UserId): Promise<DataExportRow> {
  await lockOwner(tx, ownerId)
  const { isUnderWay, count, secondsToWait } = await exportsOfToday(tx, ownerId)
  if (isUnderWay) throw conflict('An export is being made: wait for it.', { reason: 'IN_PROGRESS' })
  if (count >= mostExportsADay) {
    throw rateLimited(`There are ${mostExportsADay} exports a day at most.`, Math.max(1, secondsToWait))
  }
  const job = await insertJob(tx, { userId: ownerId, kind: exportKind })
  await enqueue(tx, 'export_data', { ownerId, jobId: job.jobId }, { key: job.jobId })
  return job
}
