import type { JobTools } from '../../../job-tools.ts'
import { failJob, finishJob, type JobKey, reportProgress, startJob } from '../../../platform/jobs/job-rows.ts'
import type { ObjectStore } from '../../../platform/objects/objects.ts'
import { exportKey } from '../archive/export-links.ts'
import { writeArchive } from '../archive/write-archive.ts'
import { expireOtherExports, lostExports } from '../queries/data-exports.ts'

/** How long an export can be downloaded. */
const keptMs = 7 * 24 * 3_600_000
const dayMs = 24 * 3_600_000
/** Progress is written down when it has moved so far. */
const leastProgress = 0.02

export const dataExportJobs = {
  /** Makes an export. Taken again, it is made anew: the file stands under its name only when it is whole. */
  async export_data(key: JobKey, tools: JobTools): Promise<void> {
    const { worker, services, now } = tools
    if ((await startJob(worker, key)) === null) return
    const stored = await storeArchive(key, tools)
    await finishJob(worker, key, { ...stored }, { expiresAt: new Date(now().getTime() + keptMs) })
    await expireOtherExports(worker, key, now())
    for await (const other of services.objects.list(`exports/${key.ownerId}`)) {
      if (other.key !== exportKey(key)) await services.objects.delete(other.key)
    }
  },

  /** Files that nobody may download any more are removed, and what workers that died left of files. */
  async expire_exports(_: unknown, { worker, services: { objects }, now, log }: JobTools): Promise<void> {
    const removed = await removeOld(objects, new Date(now().getTime() - keptMs))
    const unfinished = await objects.removeUnfinished(new Date(now().getTime() - dayMs))
    const lost = await lostExports(worker, now())
    for (const key of lost) await failJob(worker, key, 'The export could not be made. Ask for another one.')
    if (removed + unfinished + lost.length > 0)
      log.info({ removed, unfinished, lost: lost.length }, 'old exports were removed')
  },
}

function storeArchive(key: JobKey, { worker, databases, services, log, now, signal }: JobTools) {
  const { ownerId } = key
  // Reads alone: they ask for no session. What the policies hide from the owner is in no export.
  const { db } = databases.forViewer({ userId: ownerId, sessionId: '', role: 'member' }, { signal })
  let told = 0
  const onProgress = (share: number) => {
    if (share < told + leastProgress) return
    told = share
    reportProgress(worker, key, share).catch((error: unknown) => log.warn({ err: error }, 'progress was not noted'))
  }
  return db.long.connection().execute(async (snapshot) => {
    const { seals } = services.reminders
    const zip = await writeArchive(snapshot, { ownerId, seals, madeAt: now(), version: services.version, onProgress })
    try {
      return await services.objects.put(exportKey(key), zip.stream, { signal })
    } finally {
      zip.stream.destroy()
      await zip.idle()
    }
  })
}

async function removeOld(objects: ObjectStore, before: Date): Promise<number> {
  let removed = 0
  for await (const { key, storedAt } of objects.list('exports')) {
    if (storedAt < before && (await objects.delete(key))) removed += 1
  }
  return removed
}
