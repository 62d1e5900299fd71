import { createReadStream } from 'node:fs'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { ObjectStore } from '../../../platform/objects/objects.ts'
import { holdForWriter, holdOwner } from '../queries/holding-as-worker.ts'
import { isNamed } from '../queries/points.ts'
import type { ProjectKey } from '../queries/projects.ts'
import { type FileFacts, insertFileScan, knownFile } from '../queries/scan-files.ts'
import { ScanRefused } from '../rules/scan-refused.ts'
import type { ScanDraft } from '../rules.ts'
import { pointsKey, storePoints } from '../stored-points.ts'
import { factsOf } from './facts.ts'
import type { ScanFileHere } from './inspect.ts'
import { inspectApart } from './inspect-apart.ts'

export interface ScanImportParts {
  /** As `kitaab_worker`. */
  readonly worker: Database
  readonly objects: ObjectStore
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface Progress {
  show(share: number): void
  /** When all that was told is written down. */
  shown(): Promise<void>
}

/** A file that becomes a scan, and who wants it. */
export interface WantedScan {
  readonly file: ScanFileHere
  /** As people call it. */
  readonly fileName: string
  readonly project: ProjectKey
  readonly addedById: UserId
  /** Without a time: that of the file. */
  readonly draft: ScanDraft
  /** As somebody wrote it; null: that of the file. */
  readonly crs: string | null
  /** A word for its points that no other import of the owner's has, and this one again when it is begun again. */
  readonly name: string
}

export interface ImportedScan {
  readonly facts: FileFacts
  readonly scanId: string
  /** The project had a scan of the same file already: it is this one. */
  readonly isKnown: boolean
}

/** How much of the work is reading; the rest is storing. */
const readingShare = 0.8

/**
 * SUR-1 Adds a file as a scan: all of it, or nothing. The same file is not stored twice, whichever of the owner's projects has it. `noted`
 * writes in the transaction that adds the scan. Rejects with `ScanRefused`, whose message is for its sender.
 */
export async function importScan(
  parts: ScanImportParts,
  wanted: WantedScan,
  noted: (tx: Database, imported: ImportedScan) => Promise<void> = async () => {},
): Promise<ImportedScan> {
  const { worker, objects, signal, progress } = parts
  const { facts, capturedAt } = await readScan(parts, wanted)
  const objectKey = pointsKey(wanted.project.ownerId, wanted.name)
  const { kept } = await knownFile(worker, wanted.project, facts.sha256)
  try {
    if (kept === null) {
      const stored = await storePoints(objects, objectKey, createReadStream(wanted.file.path), { signal })
      if (stored.sha256 !== facts.sha256)
        throw new ScanRefused('The file was changed while it was read: nothing was added.')
    }
    progress.show(1)
    // Whoever writes progress holds its row and waits for the owner's lock; below it is the other way round.
    await progress.shown()
    const draft = { ...wanted.draft, capturedAt: wanted.draft.capturedAt ?? capturedAt }
    return await worker.transaction().execute(async (tx) => {
      const imported = await addUnderLock(tx, { ...wanted, draft, facts, objectKey, isStored: kept === null })
      await noted(tx, imported)
      // The lock may have been long in coming: whoever gave up meanwhile gets nothing.
      signal.throwIfAborted()
      return imported
    })
  } finally {
    // Also after a commit whose answer was lost: what was committed is looked up, not remembered.
    if (kept === null && !(await isInUse(worker, wanted.project.ownerId, objectKey))) await objects.delete(objectKey)
  }
}

/** Whether a scan names an object, when nobody is about to. */
function isInUse(worker: Database, ownerId: UserId, objectKey: string): Promise<boolean> {
  return worker.transaction().execute(async (tx) => {
    await holdOwner(tx, ownerId)
    return isNamed(tx, ownerId, objectKey)
  })
}

/** Reads all of a file, and writes nothing. Rejects with `ScanRefused`. */
export async function readScan(
  { worker, signal, progress }: Pick<ScanImportParts, 'worker' | 'signal' | 'progress'>,
  { file, fileName, crs }: Pick<WantedScan, 'file' | 'fileName' | 'crs'>,
): Promise<{ facts: FileFacts; capturedAt: string | null }> {
  const inspected = await inspectApart(file, { signal, onProgress: (share) => progress.show(share * readingShare) })
  const facts = await factsOf(worker, inspected, { fileName, crs })
  return { facts, capturedAt: inspected.header.capturedAt?.toISOString() ?? null }
}

interface Adding extends WantedScan {
  readonly facts: FileFacts
  readonly objectKey: string
  /** Whether the points are under that key; else another scan had them when this was looked up. */
  readonly isStored: boolean
}

async function addUnderLock(
  tx: Database,
  { project, addedById, draft, facts, objectKey, isStored }: Adding,
): Promise<ImportedScan> {
  if (!(await holdForWriter(tx, project, addedById)))
    throw new ScanRefused('The project is gone, or you may no longer write in it: nothing was added.')
  // Another import may have brought the same file meanwhile, or a purge have taken it away.
  const { scanId: known, kept } = await knownFile(tx, project, facts.sha256)
  if (known !== null) return { facts, scanId: known, isKnown: true }
  if (kept === null && !isStored)
    throw new Error('The points that another scan had are gone; they are stored next time.')
  const place = kept ?? ({ objectKey, tier: 'hot' } as const)
  const scanId = await insertFileScan(tx, project, { addedById, draft, facts, kept: place })
  return { facts, scanId, isKnown: false }
}
