import type { Database } from '../../platform/database/types.ts'
import { accountByEmail, type KnownAccount } from './queries/accounts.ts'

/** Nothing is written for this person. The message says why, and what to do. */
export class AccountUnavailable extends Error {
  override readonly name = 'AccountUnavailable'
}

/** Of the person with this address, for whom a command writes. As `kitaab_auth`. Throws `AccountUnavailable` when there is none, or none that may write. */
export async function activeAccount(auth: Database, email: string): Promise<NonNullable<KnownAccount>> {
  const account = await accountByEmail(auth, email.trim())
  if (!account)
    throw new AccountUnavailable(
      `Nobody has an account with the address ${email}: register first, or look for a typing error.`,
    )
  if (account.status !== 'active')
    throw new AccountUnavailable(
      `The account of ${email} is not active (${account.status}): nothing is written into it.`,
    )
  return account
}
