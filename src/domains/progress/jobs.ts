import type { JobTools } from '../../job-tools.ts'
import { settleEndedGoals } from './settling.ts'

export const progressJobs = {
  /** GOAL-6 One person's goals that can't be settled do not hold up the others'. */
  async settle_goals(_: unknown, { worker, log, signal }: JobTools): Promise<void> {
    const { judged, sealed, failed } = await settleEndedGoals(worker, { signal })
    if (judged + sealed > 0) log.info({ judged, sealed }, 'goals whose window is over were settled')
    for (const { ownerId, error } of failed) log.error({ err: error, ownerId }, "somebody's goals could not be settled")
  },
}
