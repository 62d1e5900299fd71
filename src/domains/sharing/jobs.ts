import type { JobTools } from '../../job-tools.ts'
import { endUnansweredRequests } from './queries/requests.ts'

export const sharingJobs = {
  /** SHA-2 Requests that nobody answered in 30 days. So many at a time, as it holds the locks of all who asked or were asked. */
  async end_unanswered_requests(_: unknown, { worker, log, signal }: JobTools): Promise<void> {
    let ended = 0
    for (let more = true; more && !signal.aborted; ) {
      const some = await endUnansweredRequests(worker)
      more = some > 0
      ended += some
    }
    if (ended > 0) log.info({ ended }, 'requests that nobody answered have ended')
  },
}
