import type { Connections } from '../database/connections.ts'
import { withClient } from '../database/migrator.ts'

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

/**
 * A row of the jobs that nobody tries again. Not one that was running when its schedule asked anew: the library takes its key and all
 * its tries away, and the later one does the work; only jobs of schedules have a queue.
 */
export const isDead = 'attempts >= max_attempts and (key is not null or job_queue_id is null)'

const question = `
  select count(*) filter (where is_due)::int as overdue, min(run_at) filter (where is_due) as "overdueSince",
    coalesce(min(run_at) filter (where is_due) < now() - interval '10 minutes', false) as "isStuck",
    coalesce(array_agg(distinct identifier) filter (where ${isDead}), '{}') as dead,
    (select max(succeeded_at) from task_runs) as "lastDone"
  from (
    select *, locked_at is null and run_at <= now() and attempts < max_attempts as is_due
    from graphile_worker._private_jobs as job join graphile_worker._private_tasks as task on task.id = job.task_id
  ) as jobs`

/** Asked as `kitaab_worker`, on a connection of its own. */
export function queueState(connections: Pick<Connections, 'forRole'>): Promise<QueueState> {
  return withClient(connections.forRole('kitaab_worker'), async (client) => {
    const { rows } = await client.query<QueueState>(question)
    const [state] = rows
    if (state === undefined) throw new Error('the queue did not answer')
    return state
  })
}
