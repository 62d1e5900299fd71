import type { Database } from '../../../platform/database/types.ts'
import { type JobKey, type JobRow, jobsByKeys } from '../../../platform/jobs/job-rows.ts'

/** Of `jobs.kind`. */
export const importKind = 'entry_import'

export type EntryImportRow = JobRow

export async function entryImportByKey(db: Database, key: JobKey): Promise<EntryImportRow | null> {
  const [job] = await jobsByKeys(db, [key])
  return job?.kind === importKind ? job : null
}
