import type { JobTools } from '../../../job-tools.ts'
import type { ScanMoveKey } from '../queries/moves.ts'
import { archiveUnread } from '../tiers/archiving.ts'
import { moveScan } from '../tiers/moving.ts'
import { purgeSurveys, removeStrays } from '../tiers/remains.ts'

export const tierJobs = {
  /** A scan's points go into the archive, or come back. */
  move_scan: (key: ScanMoveKey, tools: JobTools): Promise<void> => moveScan(key, tools),

  async archive_unread_scans(_: unknown, tools: JobTools): Promise<void> {
    if (!(await tools.services.surveys.areReady(tools.worker))) return
    const archived = await archiveUnread(tools)
    if (archived > 0) tools.log.info({ archived }, 'points that nobody read for long go into the archive')
  },

  /** What was deleted 90 days ago, and then what nothing names. */
  async purge_surveys(_: unknown, tools: JobTools): Promise<void> {
    if (!(await tools.services.surveys.areReady(tools.worker))) return
    const purged = await purgeSurveys(tools)
    const removed = await removeStrays(tools)
    if (purged + removed > 0) tools.log.info({ purged, removed }, 'scans that nobody took back were purged')
  },
}
