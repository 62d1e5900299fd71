import { type Selectable, sql } from 'kysely'
import type { Jobs } from '../../generated/database.ts'
import { tuplesIn } from '../database/any-of.ts'
import type { Database, UserId } from '../database/types.ts'

/** What somebody asked for and waits for: a row of `jobs`. */
export type JobRow = Pick<Selectable<Jobs>, 'kind' | 'status' | 'progress' | 'input' | 'result' | 'error'> & {
  readonly ownerId: UserId
  readonly jobId: string
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly expiresAt: string | null
}

export interface JobKey {
  readonly ownerId: UserId
  readonly jobId: string
}

const columns = [
  'user_id as ownerId',
  'job_id as jobId',
  'kind',
  'status',
  'progress',
  'input',
  'result',
  'error',
  'created_at as createdAt',
  'started_at as startedAt',
  'finished_at as finishedAt',
  'expires_at as expiresAt',
] as const

/** Jobs by their keys, those that the reader may see. */
export function jobsByKeys(db: Database, keys: readonly JobKey[]): Promise<JobRow[]> {
  const isOne = tuplesIn(
    [
      ['user_id', 'bigint'],
      ['job_id', 'uuid'],
    ],
    keys.map(({ ownerId, jobId }) => [ownerId, jobId]),
  )
  return db.selectFrom('jobs').where(isOne).select(columns).execute()
}

/** All of a person's jobs of one kind, to be taken by the page. */
export function jobsOfKind(db: Database, ownerId: UserId, kind: string) {
  return db
    .selectFrom('jobs')
    .where('jobs.user_id', '=', ownerId)
    .where('jobs.kind', '=', sql.lit(kind))
    .select(columns)
}

/** Notes what a viewer asked for; `enqueue` in the same transaction has it done. */
export function insertJob(
  tx: Database,
  { userId, kind, input }: { userId: UserId; kind: string; input?: Readonly<Record<string, unknown>> },
): Promise<JobRow> {
  return tx
    .insertInto('jobs')
    .values({ user_id: userId, kind, input: input === undefined ? null : JSON.stringify(input) })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

/** Marks a job as begun, also one that a worker which died had begun. Null: it has ended, or is gone; there is nothing to do. */
export async function startJob(worker: Database, key: JobKey): Promise<JobRow | null> {
  const row = await ofJob(worker, key)
    .where('status', 'in', ['waiting', 'running'])
    .set({ status: 'running', started_at: sql<string>`coalesce(started_at, now())` })
    .returning(columns)
    .executeTakeFirst()
  return row ?? null
}

/** The share that is done, from 0 to 1. It never falls, though a job that is begun again begins at 0. */
export async function reportProgress(worker: Database, key: JobKey, share: number): Promise<void> {
  const progress = Math.max(0, Math.min(1, share)).toFixed(3)
  await ofJob(worker, key)
    .where('status', '=', 'running')
    .where(sql<boolean>`coalesce(progress, -1) < ${progress}::numeric`)
    .set({ progress })
    .execute()
}

/** It is done. `result` is what the answer shows; with `expiresAt` the row goes by itself then. */
export async function finishJob(
  worker: Database,
  key: JobKey,
  result: Readonly<Record<string, unknown>> | null = null,
  { expiresAt }: { readonly expiresAt?: Date } = {},
): Promise<void> {
  await ofJob(worker, key)
    .where('status', '=', 'running')
    .set({
      status: 'succeeded',
      progress: '1',
      finished_at: sql<string>`now()`,
      result: result === null ? null : JSON.stringify(result),
      ...(expiresAt && { expires_at: expiresAt.toISOString() }),
    })
    .execute()
}

/** It can't be done. `error` is a sentence for who asked: what went wrong, and what to do. */
export async function failJob(
  worker: Database,
  key: JobKey,
  error: string,
  { expiresAt }: { readonly expiresAt?: Date } = {},
): Promise<void> {
  await ofJob(worker, key)
    .where('status', 'in', ['waiting', 'running'])
    .set({
      status: 'failed',
      finished_at: sql<string>`now()`,
      error: error.slice(0, 2000),
      ...(expiresAt && { expires_at: expiresAt.toISOString() }),
    })
    .execute()
}

function ofJob(worker: Database, { ownerId, jobId }: JobKey) {
  return worker.updateTable('jobs').where('user_id', '=', ownerId).where('job_id', '=', jobId)
}
