import type { JobTools } from '../../job-tools.ts'
import { keepStatistics } from './keeping.ts'

export const analyticsJobs = {
  /** Two runs at once would meet at the same rows, and one of them be tried again. */
  async keep_statistics(_: unknown, { worker, log, signal }: JobTools): Promise<void> {
    const { owners, months } = await keepStatistics(worker, { signal })
    if (owners + months > 0) log.info({ owners, months }, 'the totals for analysts were brought up to date')
  },
}
