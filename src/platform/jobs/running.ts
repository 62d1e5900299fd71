import type { JobHelpers, TaskList } from 'graphile-worker'
import { sql } from 'kysely'
import pg from 'pg'
import type { Database } from '../database/types.ts'
import type { Log } from '../log.ts'
import type { Tasks, WorkerTools } from './tasks.ts'

export interface RunningTask {
  readonly worker: Database
  readonly log: Log
  readonly now: () => Date
  /** Told of each task that ended, and of what it threw. */
  readonly onEnd?: (task: string, error?: unknown) => void
}

/** The tasks as the library runs them: each with its tools, its end noted, and its failure logged. */
export function runnable<Tools>(
  tasks: Tasks<Tools>,
  { toolsFor, ...running }: RunningTask & { toolsFor: (own: Omit<WorkerTools, 'databases'>) => Tools },
): TaskList {
  const names = Object.keys(tasks)
  return Object.fromEntries(
    names.map((name) => [
      name,
      (payload: unknown, { job, abortSignal }: JobHelpers) => {
        const log = running.log.child({ task: name, job: job.id })
        const { worker, now } = running
        return ended(name, { ...running, log }, job.attempts, abortSignal, async () => {
          await tasks[name]?.(payload, toolsFor({ worker, log, now, signal: abortSignal }))
        })
      },
    ]),
  )
}

async function ended(
  task: string,
  { worker, log, onEnd }: RunningTask,
  attempt: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    onEnd?.(task, error)
    if (signal.aborted) log.info('a job was put back, as the worker ends')
    else log.error({ err: error, attempt }, 'a job failed, and is tried again later')
    await note(worker, task, 'failed_at')
    throw new Error(nameOf(error))
  }
  await note(worker, task, 'succeeded_at')
  onEnd?.(task)
}

/** What the queue keeps of an error. Messages stay in the log: they may quote what somebody wrote. */
function nameOf(error: unknown): string {
  if (error instanceof pg.DatabaseError) return `${error.name} ${error.code} ${error.constraint ?? ''}`.trim()
  return error instanceof Error ? error.name : 'Something was thrown that is no error.'
}

/** For `doctor`. A job is no worse for not being noted. */
async function note(worker: Database, task: string, column: 'succeeded_at' | 'failed_at'): Promise<void> {
  const at = sql<string>`now()`
  await worker
    .insertInto('task_runs')
    .values({ task, [column]: at })
    .onConflict((conflict) => conflict.column('task').doUpdateSet({ [column]: at }))
    .execute()
    .catch(() => {})
}
