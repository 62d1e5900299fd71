import type { JobTools } from '../../../job-tools.ts'
import type { ScanMoveKey } from '../queries/moves.ts'
import { archiveUnread } from '../tiers/archiving.ts'
import { moveScan } from '../tiers/moving.ts'
import { removeStrays } from '../tiers/strays.ts'

export const tierJobs = {
  /** A scan's points go into the archive, or come back. */
  move_scan: (key: ScanMoveKey, tools: JobTools): Promise<void> => moveScan(key, tools),

  async archive_unread_scans(_: unknown, tools: JobTools): Promise<void> {
    if (!(await tools.services.surveys.areReady(tools.worker))) return
    const archived = await archiveUnread(tools)
    if (archived > 0) tools.log.info({ archived }, 'points that nobody read for long go into the archive')
  },

  async remove_stray_points(_: unknown, tools: JobTools): Promise<void> {
    if (!(await tools.services.surveys.areReady(tools.worker))) return
    const removed = await removeStrays(tools)
    if (removed > 0) tools.log.info({ removed }, 'points that no scan names were removed')
  },
}
