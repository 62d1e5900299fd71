import type { JobTools } from '../../../job-tools.ts'
import type { ObjectStore } from '../../../platform/objects/objects.ts'
import { hillshadesKind } from '../hillshades/drawing.ts'
import { unnamedObjects, unnamedReliefs } from '../queries/strays.ts'
import { pointsKind } from '../stored-points.ts'

const dayMs = 24 * 3_600_000
const atOnce = 200

type StrayTools = Pick<JobTools, 'worker' | 'now' | 'signal'> & {
  readonly services: Pick<JobTools['services'], 'objects' | 'coldObjects'>
}

/**
 * Removes objects that no scan names, and reliefs of no hillshade: those of scans that were purged, and what was left by whoever was ended
 * before the rows knew of it.
 * Those of the last day stay: somebody may be about to name them.
 */
export async function removeStrays(tools: StrayTools): Promise<number> {
  const { objects, coldObjects } = tools.services
  const { worker } = tools
  const removed = [
    await removeStraysOf(pointsKind, objects, tools, (batch) => unnamedObjects(worker, 'hot', batch)),
    await removeStraysOf(pointsKind, coldObjects, tools, (batch) => unnamedObjects(worker, 'cold', batch)),
    await removeStraysOf(hillshadesKind, objects, tools, (batch) => unnamedReliefs(worker, batch)),
  ]
  return removed.reduce((total, count) => total + count)
}

async function removeStraysOf(
  kind: string,
  store: ObjectStore,
  { now, signal }: StrayTools,
  unnamed: (batch: readonly Stored[]) => Promise<string[]>,
): Promise<number> {
  const before = new Date(now().getTime() - dayMs)
  await store.removeUnfinished(before)
  let removed = 0
  const removeThose = async (batch: readonly Stored[]) => {
    signal.throwIfAborted()
    for (const key of await unnamed(batch)) if (await store.delete(key)) removed += 1
  }
  let batch: Stored[] = []
  for await (const { key, storedAt } of store.list(kind)) {
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
