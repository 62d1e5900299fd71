import type { UserRole } from '../../generated/database.ts'
import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { conflict, notFound, unauthenticated } from '../../platform/graphql/errors.ts'
import { forgetFailures } from '../identity/queries/accounts.ts'
import {
  type AdminUserRow,
  holdAccount,
  holdAdministrators,
  noteUnlocking,
  setRole,
  setStatus,
} from './queries/accounts.ts'

/** What is done to an account that is held; `administrators` are those who are active, held as well. */
type Change = (tx: Database, account: AdminUserRow, administrators: readonly UserId[]) => Promise<void>

/**
 * Does something to an account as an administrator, and answers it as it is then. NOT_FOUND when there is no such account;
 * UNAUTHENTICATED, TOKEN_EXPIRED when whoever acts is no administrator any more. `adminId` null: the operator of the service.
 */
export async function administer(
  auth: AuthDatabase,
  { adminId, userId }: { adminId: UserId | null; userId: UserId },
  change: Change,
): Promise<AdminUserRow> {
  return auth.inTransaction(
    async (tx) => {
      const administrators = await holdAdministrators(tx)
      if (adminId !== null && !administrators.includes(adminId)) {
        throw unauthenticated('Your role has changed. Refresh the access token.', { reason: 'TOKEN_EXPIRED' })
      }
      await change(tx, await heldAccount(tx, userId), administrators)
      return heldAccount(tx, userId)
    },
    adminId === null ? {} : { actorId: adminId },
  )
}

async function heldAccount(tx: Database, userId: UserId): Promise<AdminUserRow> {
  const account = await holdAccount(tx, userId)
  if (!account) throw notFound('There is no such account.', { field: 'input.userId' })
  return account
}

/** CONFLICT, LAST_ADMIN, when nobody else could administer. */
export const roleChange =
  (role: UserRole): Change =>
  async (tx, { userId }, administrators) => {
    if (role !== 'admin') refuseLast(userId, administrators)
    await setRole(tx, userId, role)
  }

/** SES-4 Ends all sessions. CONFLICT, LAST_ADMIN, when nobody else could administer. */
export const suspension: Change = async (tx, { userId }, administrators) => {
  refuseLast(userId, administrators)
  await setStatus(tx, userId, 'suspended')
}

export const reinstatement: Change = (tx, { userId }) => setStatus(tx, userId, 'active')

/** Forgets the failures to log in under the account's address, from everywhere. */
export const unlocking: Change = async (tx, { userId, email }) => {
  await forgetFailures(tx, email.toLowerCase())
  await noteUnlocking(tx, userId)
}

function refuseLast(userId: UserId, administrators: readonly UserId[]): void {
  if (administrators.length > 1 || administrators[0] !== userId) return
  throw conflict('There would be no active administrator left: make somebody else one first.', { reason: 'LAST_ADMIN' })
}
