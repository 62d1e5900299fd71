import { sql } from 'kysely'
import type { Database } from '../database/types.ts'

export interface EnqueueOptions {
  /** Another of the same task that waits under this key is replaced by this one. */
  readonly key?: string
}

/**
 * Asks for a task in a viewer's transaction: rolled back, there is none. Only tasks that a migration lists in `enqueueable_tasks`.
 * The payload holds ids, never what somebody wrote.
 */
export async function enqueue(
  tx: Database,
  task: string,
  payload: Readonly<Record<string, string>>,
  { key }: EnqueueOptions = {},
): Promise<void> {
  await sql`select enqueue(${task}, ${JSON.stringify(payload)}::jsonb, ${key ?? null})`.execute(tx)
}

/** The same of any task, for a task that asks for another: connected as `kitaab_worker`. `runAt`: not before then. */
export async function enqueueAsWorker(
  worker: Database,
  task: string,
  payload: Readonly<Record<string, string>>,
  { key, runAt }: EnqueueOptions & { readonly runAt?: Date } = {},
): Promise<void> {
  await sql`select graphile_worker.add_job(${task}, ${JSON.stringify(payload)}::json,
    job_key => ${key === undefined ? null : `${task}:${key}`}, run_at => ${runAt?.toISOString() ?? null}::timestamptz)`.execute(
    worker,
  )
}
