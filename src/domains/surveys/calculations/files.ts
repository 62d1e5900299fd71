import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { JobTools } from '../../../job-tools.ts'
import { withScratchFolder } from '../../../platform/scratch-folder.ts'
import type { ScanToRead } from '../queries/calculation-work.ts'
import { openPoints } from '../reading-points.ts'
import { UnfitPoints } from '../rules/points.ts'
import type { CloudFile } from './calculate.ts'

/**
 * Does something with the points of scans as local files, which are gone afterwards. Rejects with `UnfitPoints`, whose message is
 * for whoever asked, when a scan's points can't be read any more; with CONFLICT, SCAN_IS_COLD; and with the signal's reason.
 */
export function withFiles<Answer>(
  scans: readonly ScanToRead[],
  tools: JobTools,
  work: (files: readonly CloudFile[]) => Promise<Answer>,
): Promise<Answer> {
  return withScratchFolder(async (folder) => {
    const files: CloudFile[] = []
    for (const [at, scan] of scans.entries()) files.push(await fileOf(scan, path.join(folder, `${at}`), tools))
    return work(files)
  })
}

async function fileOf(scan: ScanToRead, file: string, tools: JobTools): Promise<CloudFile> {
  const { isThere, metresPerUnit, metresPerHeightUnit } = scan
  const points = isThere ? await openPoints(tools, { ownerId: scan.ownerId, scanId: scan.scanId }) : null
  if (points === null || metresPerHeightUnit === null)
    throw new UnfitPoints('A scan that it needs was deleted meanwhile.')
  await pipeline(points.content, createWriteStream(file, { mode: 0o600 }), { signal: tools.signal })
  return { path: file, metresPerUnit, metresPerHeightUnit }
}
