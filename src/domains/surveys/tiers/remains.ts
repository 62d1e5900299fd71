import type { JobTools } from '../../../job-tools.ts'
import type { ObjectStore } from '../../../platform/objects/objects.ts'
import {
  deletedProjects,
  deletedScans,
  deleteProjectRows,
  deleteScanRows,
  scansOfProject,
  unnamedObjects,
} from '../queries/remains.ts'
import type { ScanKey } from '../queries/scans.ts'
import { pointsKind } from '../stored-points.ts'

const dayMs = 24 * 3_600_000
/** For so long a deletion can be taken back. */
const graceMs = 90 * dayMs
const atOnce = 200

/** Deletes the rows of scans and projects whose deletion nobody took back. Answers how many scans those were. */
export async function purgeSurveys({
  worker,
  now,
  signal,
}: Pick<JobTools, 'worker' | 'now' | 'signal'>): Promise<number> {
  const before = new Date(now().getTime() - graceMs)
  let purged = 0
  const purgeAll = async (next: () => Promise<ScanKey[]>) => {
    for (let scans = await next(); scans.length > 0; scans = await next()) {
      for (const scan of scans) {
        signal.throwIfAborted()
        await deleteScanRows(worker, scan)
        purged += 1
      }
    }
  }
  await purgeAll(() => deletedScans(worker, before, atOnce))
  for (;;) {
    const projects = await deletedProjects(worker, before, atOnce)
    if (projects.length === 0) return purged
    for (const project of projects) {
      await purgeAll(() => scansOfProject(worker, project, atOnce))
      await deleteProjectRows(worker, project)
    }
  }
}

type StrayTools = Pick<JobTools, 'worker' | 'now' | 'signal'> & {
  readonly services: Pick<JobTools['services'], 'objects' | 'coldObjects'>
}

/**
 * Removes objects that no scan names: those of scans that were purged, and what was left by whoever was ended before the rows knew of it.
 * Those of the last day stay: somebody may be about to name them.
 */
export async function removeStrays(tools: StrayTools): Promise<number> {
  const { objects, coldObjects } = tools.services
  return (await removeStraysOf('hot', objects, tools)) + (await removeStraysOf('cold', coldObjects, tools))
}

async function removeStraysOf(tier: 'hot' | 'cold', store: ObjectStore, tools: StrayTools): Promise<number> {
  const { worker, now, signal } = tools
  const before = new Date(now().getTime() - dayMs)
  await store.removeUnfinished(before)
  let removed = 0
  const removeThose = async (batch: readonly Stored[]) => {
    signal.throwIfAborted()
    for (const key of await unnamedObjects(worker, tier, batch)) if (await store.delete(key)) removed += 1
  }
  let batch: Stored[] = []
  for await (const { key, storedAt } of store.list(pointsKind)) {
    const [, ownerId = ''] = key.split('/')
    if (storedAt >= before || !/^\d{1,18}$/.test(ownerId)) continue
    batch.push({ ownerId, key })
    if (batch.length < atOnce) continue
    await removeThose(batch)
    batch = []
  }
  await removeThose(batch)
  return removed
}

interface Stored {
  readonly ownerId: string
  readonly key: string
}
