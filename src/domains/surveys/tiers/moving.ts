import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { StorageTier } from '../../../generated/surveys.ts'
import type { JobTools } from '../../../job-tools.ts'
import { digesting } from '../../../platform/objects/digesting.ts'
import { ObjectMissing, type ObjectStore, ObjectTooLarge } from '../../../platform/objects/objects.ts'
import { failWork, makeWorkProgress, startWork, type WorkKey } from '../queries/long-work.ts'
import { finishMove, moveToDo, noteSource, renameObject, type ScanMoveKey } from '../queries/moves.ts'
import { isNamed, type StoredScan, storedScan } from '../queries/points.ts'
import { isPackedIn, tierAfter } from '../rules/tiers.ts'
import { isDamage, pointsKey, readPoints, storePoints } from '../stored-points.ts'

/** What it needs of what all jobs get. */
export interface MovingTools extends Pick<JobTools, 'worker' | 'signal' | 'log'> {
  readonly services: Pick<JobTools['services'], 'objects' | 'coldObjects'>
}

/** It can't be done, now or later: the message tells whoever asked. Nothing was changed. */
class CannotMove extends Error {
  override readonly name = 'CannotMove'
}

/**
 * Moves the points of a scan, and of whatever scans name the same object, to the other tier. The copy has a name of its own; the rows name it
 * once it was read back and found right, and then the old object goes. Killed anywhere and done again, it goes on: in the end there is one
 * object, and the rows name it. Two workers that do it at once, as after a long silence of one, do no harm to each other.
 */
export async function moveScan(key: ScanMoveKey, tools: MovingTools): Promise<void> {
  const { worker } = tools
  const work: WorkKey = { table: 'scan_moves', ownerId: key.ownerId, id: key.scanMoveId }
  if (!(await startWork(worker, work))) return
  const { scanId, kind } = await moveToDo(worker, key)
  const tier = tierAfter(kind)
  const scan = await storedScan(worker, { ownerId: key.ownerId, scanId })
  try {
    if (scan !== null && scan.tier !== tier) await moveObject(scan, tier, { key, work, tools })
  } catch (error) {
    if (!(error instanceof CannotMove)) throw error
    await failWork(worker, work, error.message)
  }
  await tidy(key, tier, tools)
  await finishMove(worker, key)
}

async function moveObject(
  scan: StoredScan,
  tier: StorageTier,
  { key, work, tools }: { key: ScanMoveKey; work: WorkKey; tools: MovingTools },
): Promise<void> {
  const { worker } = tools
  const name = `${copiesOf(key)}/${randomUUID()}`
  const copyKey = pointsKey(key.ownerId, name, { isPacked: isPackedIn(tier, scan.format) })
  await noteSource(worker, key, scan.objectKey)
  const progress = makeWorkProgress(worker, work)
  try {
    await copyPoints(scan, { from: storeOf(tools, scan.tier), to: storeOf(tools, tier), copyKey }, { tools, progress })
  } catch (error) {
    const now = await storedScan(worker, scan)
    // Another worker was first.
    if (now?.objectKey !== scan.objectKey) return
    throw error
  } finally {
    await progress.shown()
  }
  await renameObject(worker, key, { from: scan.objectKey, to: copyKey, tier })
}

/** Removes the object from which points were moved, and copies that were not finished or came too late: whatever no scan names. */
async function tidy(key: ScanMoveKey, tier: StorageTier, tools: MovingTools): Promise<void> {
  const { sourceKey } = await moveToDo(tools.worker, key)
  const isLeft = async (objectKey: string) => !(await isNamed(tools.worker, key.ownerId, objectKey))
  const source = storeOf(tools, otherTier(tier))
  if (sourceKey !== null && (await isLeft(sourceKey))) await source.delete(sourceKey)
  const target = storeOf(tools, tier)
  for await (const copy of target.list(pointsKey(key.ownerId, copiesOf(key)))) {
    if (await isLeft(copy.key)) await target.delete(copy.key)
  }
}

/** The words below which each try has its copy. */
function copiesOf({ scanMoveId }: ScanMoveKey): string {
  return `move-${scanMoveId}`
}

interface Copying {
  readonly from: ObjectStore
  readonly to: ObjectStore
  readonly copyKey: string
}

/** Copies the file, and reads the copy: both must be what the row says. */
async function copyPoints(
  scan: StoredScan,
  { from, to, copyKey }: Copying,
  { tools: { signal }, progress }: { tools: MovingTools; progress: { show(share: number): void } },
): Promise<void> {
  // Each byte is read twice: once to be copied, once to be compared.
  let read = 0
  const counted = (content: AsyncIterable<Uint8Array>) =>
    each(content, (bytes) => {
      signal.throwIfAborted()
      read += bytes
      progress.show(read / (2 * scan.bytes + 1))
    })
  await reading(from, scan.objectKey, { missing: lost, wrong: damaged }, async (source) => {
    const stored = await storePoints(to, copyKey, counted(source), { signal, maxBytes: scan.bytes })
    return stored.sha256 === scan.sha256
  })
  await reading(to, copyKey, { missing: unfaithful, wrong: unfaithful }, async (copy) => {
    const digested = digesting(counted(copy))
    for await (const _ of digested.chunks);
    return digested.result().sha256 === scan.sha256
  })
}

/** Reads an object from its beginning to its end; what is not there, or not what it should be, can't be moved. */
async function reading(
  store: ObjectStore,
  key: string,
  told: { readonly missing: string; readonly wrong: string },
  isRight: (content: Readable) => Promise<boolean>,
): Promise<void> {
  let content: Readable | undefined
  try {
    content = await readPoints(store, key)
    if (!(await isRight(content))) throw new CannotMove(told.wrong)
  } catch (error) {
    if (error instanceof ObjectMissing) throw new CannotMove(told.missing)
    throw error instanceof ObjectTooLarge || isDamage(error) ? new CannotMove(told.wrong) : error
  } finally {
    content?.destroy()
  }
}

const lost =
  'The points of this scan are not where they should be. Whoever runs this service may have a backup of them.'
const damaged =
  'The points of this scan are not those that were sent: their SHA-256 is another one. They stay where they are. Whoever runs this service may have a backup.'
const unfaithful =
  'What was written was not what was read again, so the copy was removed, and the points stay where they are. Ask again; if that lasts, tell whoever runs this service.'

async function* each(content: AsyncIterable<Uint8Array>, tell: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    tell(chunk.byteLength)
    yield chunk
  }
}

function storeOf({ services }: MovingTools, tier: StorageTier): ObjectStore {
  return tier === 'hot' ? services.objects : services.coldObjects
}

function otherTier(tier: StorageTier): StorageTier {
  return tier === 'hot' ? 'cold' : 'hot'
}
