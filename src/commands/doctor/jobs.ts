import type { Config } from '../../config.ts'
import type { Connections } from '../../platform/database/connections.ts'
import { withClient } from '../../platform/database/migrator.ts'
import { Trouble } from './finding.ts'

/** What the queue holds. Instants are RFC 3339, null where there is none. */
export interface QueueState {
  /** Jobs whose time has come, and since when the first of them waits. */
  readonly overdue: number
  readonly overdueSince: string | null
  /** The first of them waits for more than ten minutes. */
  readonly isStuck: boolean
  /** Tasks of jobs that failed so often that nobody tries them again. */
  readonly dead: readonly string[]
  readonly lastDone: string | null
}

const queueState = `
  select count(*) filter (where is_due)::int as overdue, min(run_at) filter (where is_due) as "overdueSince",
    coalesce(min(run_at) filter (where is_due) < now() - interval '10 minutes', false) as "isStuck",
    coalesce(array_agg(distinct identifier) filter (where attempts >= max_attempts), '{}') as dead,
    (select max(succeeded_at) from task_runs) as "lastDone"
  from (
    select *, locked_at is null and run_at <= now() and attempts < max_attempts as is_due
    from graphile_worker._private_jobs as job join graphile_worker._private_tasks as task on task.id = job.task_id
  ) as jobs`

export async function lookAtJobs(config: Config, connections: Connections): Promise<string> {
  const { rows } = await withClient(connections.forRole('kitaab_worker'), (client) =>
    client.query<QueueState>(queueState),
  )
  const [state] = rows
  if (state === undefined) throw new Error('the queue did not answer')
  return judgeJobs(state, config.worker)
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
