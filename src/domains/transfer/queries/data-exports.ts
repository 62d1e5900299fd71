import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { type JobKey, type JobRow, jobsByKeys } from '../../../platform/jobs/job-rows.ts'

export const exportKind = 'data_export'
export const mostExportsADay = 5

/** An export of everything, as its owner sees it. */
export type DataExportRow = JobRow

export interface ExportsOfToday {
  /** One that waits or is being made. */
  readonly isUnderWay: boolean
  /** Those of the last 24 hours. */
  readonly count: number
  /** When the earliest of them is that old, in seconds from now. */
  readonly secondsToWait: number
}

/** What somebody asked for of late. Whoever calls it holds the owner's lock, so that two who ask at once are told of each other. */
export async function exportsOfToday(tx: Database, ownerId: UserId): Promise<ExportsOfToday> {
  const { rows } = await sql<ExportsOfToday>`
    select coalesce(bool_or(status in ('waiting', 'running')), false) as "isUnderWay", count(*)::int as count,
      coalesce(ceil(extract(epoch from min(created_at) + interval '24 hours' - now())), 0)::int as "secondsToWait"
    from jobs
    where user_id = ${ownerId} and kind = ${exportKind} and created_at > now() - interval '24 hours'`.execute(tx)
  return rows[0] ?? { isUnderWay: false, count: 0, secondsToWait: 0 }
}

/** The viewer's exports, the latest first. */
export async function exportsOfOwner(db: Database, ownerId: UserId, most: number): Promise<DataExportRow[]> {
  const keys = await db
    .selectFrom('jobs')
    .where('user_id', '=', ownerId)
    .where('kind', '=', exportKind)
    .select(['user_id as ownerId', 'job_id as jobId'])
    .orderBy('created_at', 'desc')
    .orderBy('job_id')
    .limit(most)
    .execute()
  const rows = await exportsByKeys(db, keys)
  return keys.flatMap(({ jobId }) => rows.find((row) => row.jobId === jobId) ?? [])
}

export async function exportsByKeys(db: Database, keys: readonly JobKey[]): Promise<DataExportRow[]> {
  return (await jobsByKeys(db, keys)).filter(({ kind }) => kind === exportKind)
}

// ------------------------------------------------------------------------------------------------ the worker

/** Only the newest is kept: links to the others end now. */
export async function expireOtherExports(worker: Database, { ownerId, jobId }: JobKey, now: Date): Promise<void> {
  await worker
    .updateTable('jobs')
    .where('user_id', '=', ownerId)
    .where('kind', '=', exportKind)
    .where('job_id', '<>', jobId)
    .where('status', '=', 'succeeded')
    .where('expires_at', '>', now.toISOString())
    .set({ expires_at: now.toISOString() })
    .execute()
}

/** Exports that ended nobody knows how: they were asked for a day ago and more. */
export async function lostExports(worker: Database, now: Date): Promise<JobKey[]> {
  return worker
    .selectFrom('jobs')
    .where('kind', '=', exportKind)
    .where('status', 'in', ['waiting', 'running'])
    .where('created_at', '<', sql<string>`${now.toISOString()}::timestamptz - interval '24 hours'`)
    .select(['user_id as ownerId', 'job_id as jobId'])
    .execute()
}

// ------------------------------------------------------------------------------------------------ before there is a viewer

/** Whether somebody's account is in use, for `kitaab_auth`. */
export async function isInUse(auth: Database, ownerId: UserId): Promise<boolean> {
  const row = await auth.selectFrom('users').where('user_id', '=', ownerId).select('status').executeTakeFirst()
  return row?.status === 'active'
}

/** Whoever has a link need not be logged in: the owner's audit log tells from where it was used. */
export async function auditDownload(tx: Database, { ownerId, jobId }: JobKey): Promise<void> {
  await sql`
    insert into audit_log (user_id, action_type, table_name, record_id, ip_address, request_id)
    values (${ownerId}, 'jobs.downloaded', 'jobs', ${jobId}, app_ip(), app_request_id())`.execute(tx)
}
