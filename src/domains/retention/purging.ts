import type { JobTools } from '../../job-tools.ts'
import { type DueDeletion, deletionsToPurge, purgeDeletion } from './queries/deletions.ts'
import { deleteJob, expiredJobs } from './queries/expired.ts'

const atOnce = 100

/** TREE-4 Purges what was deleted 90 days ago and not taken back. One that can't be purged is left to the next run, and its owner's later ones. */
export async function purgeDeletions(tools: JobTools): Promise<{ purged: number; failed: number }> {
  const stuck = new Set<string>()
  for (let purged = 0; ; ) {
    const due = await deletionsToPurge(tools.worker, tools.now(), atOnce + stuck.size)
    const next = due.filter(({ deletionId }) => !stuck.has(deletionId))
    if (next.length === 0) return { purged, failed: stuck.size }
    for (const deletion of next) {
      if (await purge(tools, deletion)) purged += 1
      else stuck.add(deletion.deletionId)
    }
  }
}

async function purge({ worker, log, signal }: JobTools, deletion: DueDeletion): Promise<boolean> {
  try {
    await purgeDeletion(worker, deletion, { signal })
    return true
  } catch (error) {
    signal.throwIfAborted()
    log.error({ err: error, ...deletion }, 'a deletion could not be purged: the next run tries again')
    return false
  }
}

/** Deletes jobs that expired, each after the object that its result names. */
export async function purgeExpiredJobs({ worker, services, now, signal }: JobTools): Promise<number> {
  for (let count = 0; ; ) {
    const jobs = await expiredJobs(worker, now(), atOnce)
    if (jobs.length === 0) return count
    for (const job of jobs) {
      signal.throwIfAborted()
      if (job.objectKey !== null) await services.objects.delete(job.objectKey)
      await deleteJob(worker, job)
      count += 1
    }
  }
}
