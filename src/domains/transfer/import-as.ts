import type { Databases } from '../../platform/database/databases.ts'
import type { DatabaseLog, ViewerIdentity } from '../../platform/database/types.ts'
import { accountByEmail } from '../identity/queries/accounts.ts'
import { type ImportOptions, importPlan } from './import.ts'
import type { ImportPlan } from './import-plan.ts'
import type { ImportReport } from './import-report.ts'
import { endImportSession, openImportSession } from './queries/import-sessions.ts'

export interface ImportAsOptions extends ImportOptions {
  readonly email: string
  /** Does all of it, reports it, and takes it back. */
  readonly dryRun: boolean
  readonly log: DatabaseLog
}

/** Imports as the person with this address, all of it or nothing. Throws an Error that says what to do when there is none. */
export async function importAs(
  databases: Databases,
  plan: ImportPlan,
  { email, dryRun, log, ...options }: ImportAsOptions,
): Promise<ImportReport> {
  return inSessionOf(databases, { email, log }, async (viewer) => {
    const { transaction } = databases.forViewer(viewer)
    try {
      return await transaction(
        async (tx) => {
          const report = await importPlan(tx, viewer.userId, plan, options)
          if (dryRun) throw new TakeBack(report)
          return report
        },
        { origin: 'imported' },
      )
    } catch (error) {
      if (error instanceof TakeBack) return error.report
      throw error
    }
  })
}

/** Ends the transaction of a dry run: what is thrown in it rolls it back. */
class TakeBack extends Error {
  readonly report: ImportReport
  constructor(report: ImportReport) {
    super('Only tried')
    this.report = report
  }
}

/** SES-2 Nobody writes without a session: this one is open as long as the work takes. */
async function inSessionOf<Result>(
  { auth }: Databases,
  { email, log }: { email: string; log: DatabaseLog },
  work: (viewer: ViewerIdentity) => Promise<Result>,
): Promise<Result> {
  const account = await accountByEmail(auth, email.trim())
  if (!account)
    throw new Error(`Nobody has an account with the address ${email}: register first, or look for a typing error.`)
  const { userId, role, status } = account
  if (status !== 'active')
    throw new Error(`The account of ${email} is not active (${status}): nothing is written into it.`)
  const sessionId = await auth.inTransaction((tx) => openImportSession(tx, userId), { actorId: userId })
  try {
    return await work({ userId, sessionId, role })
  } finally {
    // What was imported stays so even if this fails; the session then ends by itself.
    await auth
      .inTransaction((tx) => endImportSession(tx, userId, sessionId), { actorId: userId })
      .catch((error: unknown) => log.warn({ err: error }, 'the session of the import is open for an hour'))
  }
}
