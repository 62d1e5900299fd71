import type { AuthDatabase } from '../../../platform/database/auth-database.ts'
import type { Database } from '../../../platform/database/types.ts'
import { activeAccount } from '../../identity/active-account.ts'
import { type ArchiveReport, type ImportArchiveOptions, importArchive } from './import-archive.ts'
import { openArchive } from './open-archive.ts'

export interface ImportArchiveAsOptions extends Omit<ImportArchiveOptions, 'ownerId'> {
  readonly email: string
  /** Does all of it, reports it, and takes it back. */
  readonly dryRun: boolean
}

export interface ImportDatabases {
  readonly auth: AuthDatabase
  /** Connected as `kitaab_worker`. */
  readonly worker: Database
}

/** Brings an archive into the empty account of the person with this address, all of it or nothing. Throws an Error that says what to do. */
export async function importArchiveAs(
  { auth, worker }: ImportDatabases,
  path: string,
  { email, dryRun, ...options }: ImportArchiveAsOptions,
): Promise<ArchiveReport> {
  const archive = await openArchive(path)
  try {
    const account = await activeAccount(auth, email)
    return await worker.transaction().execute(async (tx) => {
      const report = await importArchive(tx, archive, { ...options, ownerId: account.userId })
      if (dryRun) throw new TakeBack(report)
      return report
    })
  } catch (error) {
    if (error instanceof TakeBack) return error.report
    throw error
  } finally {
    archive.close()
  }
}

/** Ends the transaction of a dry run: what is thrown in it rolls it back. */
class TakeBack extends Error {
  readonly report: ArchiveReport
  constructor(report: ArchiveReport) {
    super('Only tried')
    this.report = report
  }
}
