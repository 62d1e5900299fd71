import type { JobTools } from '../../job-tools.ts'
import { erasedMail } from '../identity/mails.ts'
import { accountsToErase, blankLogs, closeErasure, deleteOwned, vanish } from './queries/accounts.ts'

/** Words that begin the keys of objects, each followed by whose they are. */
const objectKinds = ['exports', 'imports', 'uploads', 'scans', 'hillshades']
const accountsAtOnce = 100

/**
 * Erases the accounts whose 30 days are over. Each is taken up again where it was left: first the person vanishes, then table by table
 * goes, in statements of a bounded size, and only the end is noted. One that can't be erased does not hold up the others.
 */
export async function eraseClosedAccounts(tools: JobTools): Promise<{ erased: number; failed: number }> {
  const { worker, log, signal } = tools
  const outcome = { erased: 0, failed: 0 }
  for (let after = '0'; ; ) {
    const userIds = await accountsToErase(worker, { now: tools.now(), after, limit: accountsAtOnce })
    for (const userId of userIds) {
      try {
        await eraseAccount(tools, userId)
        outcome.erased += 1
      } catch (error) {
        signal.throwIfAborted()
        outcome.failed += 1
        log.error({ err: error, userId }, 'an account could not be erased: the next run goes on with it')
      }
    }
    const last = userIds.at(-1)
    if (last === undefined) return outcome
    after = last
  }
}

async function eraseAccount({ worker, services, now, signal }: JobTools, userId: string): Promise<void> {
  const vanished = await vanish(worker, userId, now())
  if (vanished?.emailVerified)
    await services.identity.mailer.send(erasedMail(vanished, services.publicUrl, services.backupDays))
  await deleteOwned(worker, userId, { signal })
  for (const store of [services.objects, services.coldObjects]) {
    for (const kind of objectKinds) {
      signal.throwIfAborted()
      for await (const { key } of store.list(`${kind}/${userId}`)) await store.delete(key)
    }
  }
  await blankLogs(worker, userId, { signal })
  await closeErasure(worker, userId, { signal })
}
