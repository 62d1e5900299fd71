import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

/*
 * What all long work of surveys shares: tables with the columns of `jobs` (status, progress, error, started_at, finished_at), whose rows
 * belong to the owner of the project, whoever asked. Asked for as `kitaab_worker`.
 */

const ids = {
  scan_imports: 'scan_import_id',
  scan_moves: 'scan_move_id',
  calculations: 'calculation_id',
  hillshades: 'hillshade_id',
} as const

/** A row of long work. */
export interface WorkKey {
  readonly table: keyof typeof ids
  readonly ownerId: UserId
  /** Of `scan_import_id`, `scan_move_id`, `calculation_id`, `hillshade_id`: whichever the table has. */
  readonly id: string
}

const isIt = ({ table, ownerId, id }: WorkKey) => sql`user_id = ${ownerId} and ${sql.ref(ids[table])} = ${id}`

/** Marks work as begun, also what a worker that died had begun. False: it has ended, or is gone; there is nothing to do. */
export async function startWork(worker: Database, key: WorkKey): Promise<boolean> {
  const { rows } = await sql`
    update ${sql.table(key.table)} set status = 'running', started_at = coalesce(started_at, now())
    where ${isIt(key)} and status in ('waiting', 'running') returning 1`.execute(worker)
  return rows.length > 0
}

/** The share that is done, from 0 to 1. It never falls, though work that is begun again begins at 0. */
export async function reportWork(worker: Database, key: WorkKey, share: number): Promise<void> {
  const progress = Math.max(0, Math.min(1, share)).toFixed(3)
  await sql`
    update ${sql.table(key.table)} set progress = ${progress}::numeric
    where ${isIt(key)} and status = 'running' and coalesce(progress, -1) < ${progress}::numeric`.execute(worker)
}

/** It can't be done. `error` is a sentence for who asked: what went wrong, and what to do. */
export async function failWork(worker: Database, key: WorkKey, error: string): Promise<void> {
  await sql`
    update ${sql.table(key.table)} set status = 'failed', finished_at = now(), error = ${error.slice(0, 2000)}
    where ${isIt(key)} and status in ('waiting', 'running')`.execute(worker)
}

/** Ends work that was asked for a day ago and never ended: nobody does it any more. Answers how much that was. */
export async function failLostWork(
  worker: Database,
  table: WorkKey['table'],
  now: Date,
  error: string,
): Promise<number> {
  const { rows } = await sql`
    update ${sql.table(table)} set status = 'failed', finished_at = now(), error = ${error}
    where status in ('waiting', 'running') and created_at < ${now.toISOString()}::timestamptz - interval '24 hours' returning 1`.execute(
    worker,
  )
  return rows.length
}

/** Tells a share after each hundredth, one write at a time; what can't be written down is no reason to stop. */
export function makeWorkProgress(worker: Database, key: WorkKey) {
  let last = 0
  let writing: Promise<void> = Promise.resolve()
  return {
    show(share: number): void {
      if (share - last < 0.01) return
      last = share
      writing = writing.then(() => reportWork(worker, key, share)).catch(() => {})
    },
    /** When all that was told is written down. */
    shown: (): Promise<void> => writing,
  }
}
