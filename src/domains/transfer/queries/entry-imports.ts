import type { Database } from '../../../platform/database/types.ts'
import { type JobKey, type JobRow, jobsByKeys } from '../../../platform/jobs/job-rows.ts'

/** Of `jobs.kind`. */
export const importKind = 'entry_import'

export type EntryImportRow = JobRow

export async function importsByKeys(db: Database, keys: readonly JobKey[]): Promise<EntryImportRow[]> {
  return (await jobsByKeys(db, keys)).filter(({ kind }) => kind === importKind)
}
