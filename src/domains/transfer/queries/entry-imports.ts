import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { type JobKey, type JobRow, jobsByKeys, jobsOfKind } from '../../../platform/jobs/job-rows.ts'

/** Of `jobs.kind`. */
export const importKind = 'entry_import'

export type EntryImportRow = JobRow

export async function importsByKeys(db: Database, keys: readonly JobKey[]): Promise<EntryImportRow[]> {
  return (await jobsByKeys(db, keys)).filter(({ kind }) => kind === importKind)
}

export type EntryImportPage = Page<EntryImportRow>

/** A page of the viewer's imports, 1..100, the latest first. */
export function importsOfOwner(
  db: Database,
  ownerId: UserId,
  page: { first: number; after: string | null },
): Promise<EntryImportPage> {
  return keysetPage(db, jobsOfKind(db, ownerId, importKind), {
    ...page,
    order: [
      { column: 'jobs.created_at', direction: 'desc' },
      { column: 'jobs.job_id', direction: 'desc' },
    ],
    scope: ['imports', ownerId],
  })
}
