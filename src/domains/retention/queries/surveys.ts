import { sql } from 'kysely'
import { retrying } from '../../../platform/database/retrying.ts'
import type { Database } from '../../../platform/database/types.ts'
import type { Batching } from './batches.ts'

/** Each takes with it what was made of it, so that a transaction stays short. */
const scansAtOnce = 100

/**
 * Deletes scans and projects that were deleted 90 days ago and not taken back, with what was calculated and asked of them. Their points,
 * which nothing names any more, are removed by the job that looks for such. Answers how many; the database must have surveys.
 */
export async function purgeSurveys(
  db: Database,
  now: Date,
  { signal }: Batching,
): Promise<{ lidar_scans: number; projects: number }> {
  const purged = { lidar_scans: 0, projects: 0 }
  for (let count = scansAtOnce; count === scansAtOnce; purged.lidar_scans += count) {
    signal.throwIfAborted()
    count = await retrying(() => db.transaction().execute((tx) => purgeScans(tx, now)))
  }
  for (let count = scansAtOnce; count === scansAtOnce; purged.projects += count) {
    signal.throwIfAborted()
    count = await retrying(() => db.transaction().execute((tx) => purgeProjects(tx, now)))
  }
  return purged
}

const ago = (now: Date) => sql`${now.toISOString()}::timestamptz - interval '90 days'`

interface Due {
  readonly ownerId: string
  readonly id: string
}

/** Pairs of owner and number, for `in (...)`. */
function pairs(due: readonly Due[]) {
  return sql`(select * from unnest(${due.map(({ ownerId }) => ownerId)}::bigint[], ${due.map(({ id }) => id)}::bigint[]))`
}

async function purgeScans(tx: Database, now: Date): Promise<number> {
  const { rows: due } = await sql<Due>`
    select user_id as "ownerId", scan_id as id from lidar_scans as scan
    where deleted_at < ${ago(now)} or exists (
      select from projects
      where projects.user_id = scan.user_id and projects.project_id = scan.project_id and projects.deleted_at < ${ago(now)}
    )
    order by user_id, scan_id limit ${scansAtOnce} for update`.execute(tx)
  if (due.length === 0) return 0
  const { rows: calculations } = await sql<Due>`
    select distinct user_id as "ownerId", calculation_id as id from calculation_scans where (user_id, scan_id) in ${pairs(due)}`.execute(
    tx,
  )
  await deleteCalculations(tx, calculations)
  for (const table of ['hillshades', 'scan_moves', 'scan_imports', 'lidar_scans'])
    await sql`delete from ${sql.table(table)} where (user_id, scan_id) in ${pairs(due)}`.execute(tx)
  return due.length
}

async function purgeProjects(tx: Database, now: Date): Promise<number> {
  const { rows: due } = await sql<Due>`
    select user_id as "ownerId", project_id as id from projects
    where deleted_at < ${ago(now)} and not exists (
      select from lidar_scans where lidar_scans.user_id = projects.user_id and lidar_scans.project_id = projects.project_id
    )
    order by user_id, project_id limit ${scansAtOnce} for update`.execute(tx)
  for (const table of ['scan_imports', 'project_permissions', 'projects'])
    await sql`delete from ${sql.table(table)} where (user_id, project_id) in ${pairs(due)}`.execute(tx)
  return due.length
}

async function deleteCalculations(tx: Database, calculations: readonly Due[]): Promise<void> {
  for (const table of ['calculation_scans', 'calculations'])
    await sql`delete from ${sql.table(table)} where (user_id, calculation_id) in ${pairs(calculations)}`.execute(tx)
}
