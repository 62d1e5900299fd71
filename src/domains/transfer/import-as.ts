import type { Databases } from '../../platform/database/databases.ts'
import type { DatabaseLog, UserId, ViewerIdentity } from '../../platform/database/types.ts'
import { AccountUnavailable, activeAccount } from '../identity/active-account.ts'
import { accountById } from '../identity/queries/accounts.ts'
import { type ImportOptions, importPlan } from './import.ts'
import type { ImportPlan } from './import-plan.ts'
import type { ImportReport } from './import-report.ts'
import { endImportSession, openImportSession } from './queries/import-sessions.ts'

interface CommonOptions extends ImportOptions {
  /** Does all of it, reports it, and takes it back. */
  readonly dryRun: boolean
  readonly log: DatabaseLog
  readonly signal?: AbortSignal
}

export interface ImportAsOptions extends CommonOptions {
  readonly email: string
}

/** Imports as the person with this address, all of it or nothing. Throws `AccountUnavailable` when there is none, or none that may write. */
export async function importAs(
  databases: Databases,
  plan: ImportPlan,
  { email, ...options }: ImportAsOptions,
): Promise<ImportReport> {
  const account = await activeAccount(databases.auth, email)
  return importFor(databases, plan, account, options)
}

/** The same for the person with this id. */
export async function importAsUser(
  databases: Databases,
  plan: ImportPlan,
  { userId, ...options }: CommonOptions & { readonly userId: UserId },
): Promise<ImportReport> {
  const account = await accountById(databases.auth, userId)
  if (account?.status !== 'active')
    throw new AccountUnavailable('The account is not active: nothing was written into it.')
  return importFor(databases, plan, account, options)
}

type Account = NonNullable<Awaited<ReturnType<typeof accountById>>>

async function importFor(
  databases: Databases,
  plan: ImportPlan,
  account: Account,
  { dryRun, log, signal, ...options }: CommonOptions,
): Promise<ImportReport> {
  return inSessionOf(databases, account, log, async (viewer) => {
    const { transaction } = databases.forViewer(viewer)
    try {
      return await transaction(
        async (tx) => {
          const report = await importPlan(tx, viewer.userId, plan, options)
          signal?.throwIfAborted()
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
  { userId, role }: Account,
  log: DatabaseLog,
  work: (viewer: ViewerIdentity) => Promise<Result>,
): Promise<Result> {
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
