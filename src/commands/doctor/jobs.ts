import type { Config } from '../../config.ts'
import type { Connections } from '../../platform/database/connections.ts'
import { type QueueState, queueState } from '../../platform/jobs/queue-state.ts'
import { Trouble } from './finding.ts'

export async function lookAtJobs(config: Config, connections: Connections): Promise<string> {
  return judgeJobs(await queueState(connections), config.worker)
}

/** `inside`: the service does the jobs, too. */
export function judgeJobs({ overdue, overdueSince, isStuck, dead, lastDone }: QueueState, inside: boolean): string {
  const who = inside ? '"serve" does them' : 'WORKER is off: "npm run kitaab -- worker" does them'
  if (isStuck)
    throw new Trouble(
      `${overdue} wait, the first since ${overdueSince}`,
      inside ? 'start the service, or "npm run kitaab -- worker"' : 'start "npm run kitaab -- worker"',
    )
  if (dead.length > 0)
    throw new Trouble(
      `some failed too often: ${dead.join(', ')}`,
      'see the log for why, then run "npm run kitaab -- worker --retry"',
    )
  return `${who}; ${lastDone === null ? 'none was done yet' : `the last was done at ${lastDone}`}`
}
