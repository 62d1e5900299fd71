import type { JobTools } from '../../job-tools.ts'
import { eraseClosedAccounts } from './erasing.ts'
import { purgeDeletions, purgeExpiredJobs } from './purging.ts'
import { deleteExpired, dropOldChanges } from './queries/expired.ts'
import { purgeSurveys } from './queries/surveys.ts'

export const retentionJobs = {
  /** TREE-4 */
  async purge_deletions(_: unknown, tools: JobTools): Promise<void> {
    const { purged, failed } = await purgeDeletions(tools)
    if (purged > 0) tools.log.info({ purged }, 'deletions that nobody took back were purged')
    if (failed > 0) throw new Error('Some deletions could not be purged.')
  },

  async forget_expired(_: unknown, tools: JobTools): Promise<void> {
    const { worker, services, log, now, signal } = tools
    const counts = await deleteExpired(worker, now(), { signal })
    const surveys = (await services.surveys.areReady(worker)) ? await purgeSurveys(worker, now(), { signal }) : {}
    const jobs = await purgeExpiredJobs(tools)
    const changeMonths = await dropOldChanges(worker, now())
    if (Object.keys(counts).length + sumOf(surveys) + jobs + changeMonths > 0)
      log.info({ ...counts, ...surveys, jobs, changeMonths }, 'what expired was deleted')
  },

  async erase_accounts(_: unknown, tools: JobTools): Promise<void> {
    const { erased, failed } = await eraseClosedAccounts(tools)
    if (erased > 0) tools.log.info({ erased }, 'accounts that were closed 30 days ago were erased')
    if (failed > 0) throw new Error('Some accounts could not be erased.')
  },
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
