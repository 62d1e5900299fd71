import type { JobTools } from '../../../job-tools.ts'
import { enqueueAsWorker } from '../../../platform/jobs/enqueue.ts'
import { insertMove, measuredRate, unreadScans } from '../queries/moves.ts'
import { estimatedSeconds, unreadDays } from '../rules/tiers.ts'

const atOnce = 100

/** Asks that the points which nobody has read for long go into the archive. Answers of how many objects. */
export async function archiveUnread({
  worker,
  now,
  signal,
}: Pick<JobTools, 'worker' | 'now' | 'signal'>): Promise<number> {
  const before = new Date(now().getTime() - unreadDays * 24 * 3_600_000)
  const rate = await measuredRate(worker, 'archive')
  for (let count = 0; ; ) {
    const scans = await unreadScans(worker, before, atOnce)
    if (scans.length === 0) return count
    for (const scan of scans) {
      signal.throwIfAborted()
      const move = {
        ...scan,
        kind: 'archive' as const,
        askedBy: null,
        estimatedSeconds: estimatedSeconds(scan.bytes, rate),
      }
      await worker.transaction().execute(async (tx) => {
        const scanMoveId = await insertMove(tx, move)
        await enqueueAsWorker(tx, 'move_scan', { ownerId: scan.ownerId, scanMoveId }, { key: scanMoveId })
      })
      count += 1
    }
  }
}
