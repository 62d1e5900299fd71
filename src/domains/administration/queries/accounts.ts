import { type InferResult, sql } from 'kysely'
import type { UserRole } from '../../../generated/database.ts'
import { anyOf } from '../../../platform/database/any-of.ts'
import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'

// SQL of `kitaab_auth`, which sees accounts and nothing that they hold.

export type AccountStatus = 'active' | 'suspended'

/** Accounts as administrators see them. */
function accounts(db: Database) {
  return db
    .selectFrom('users')
    .where('users.erased_at', 'is', null)
    .select([
      'users.user_id as userId',
      sql<string>`coalesce(users.email, '')`.as('email'),
      'users.email_verified as emailVerified',
      'users.username',
      'users.role',
      sql<AccountStatus>`users.status`.as('status'),
      'users.created_at as createdAt',
      'users.last_login_at as lastLoginAt',
      'users.closes_at as closesAt',
    ])
}

export type AdminUserRow = InferResult<ReturnType<typeof accounts>>[number]
export type AdminUserPage = Page<AdminUserRow>

/** SES-2 Shown to somebody who is an administrator at this moment, whatever their access token says. */
function accountsFor(db: Database, adminId: UserId) {
  return accounts(db).where(
    sql<boolean>`exists (
      select from users as administrator
      where administrator.user_id = ${adminId} and administrator.role = 'admin' and administrator.status = 'active'
    )`,
  )
}

export interface AccountFilter {
  /** The beginning of an address or username, in any case. */
  readonly search: string | null
  readonly role: UserRole | null
  readonly status: AccountStatus | null
}

/** A page of accounts, 1..100, the newest first. */
export function accountsPage(
  db: Database,
  adminId: UserId,
  { filter, ...page }: { filter: AccountFilter; first: number; after: string | null },
): Promise<AdminUserPage> {
  const { search, role, status } = filter
  let found = accountsFor(db, adminId)
  if (search !== null) found = found.where(beginsWith(search))
  if (role !== null) found = found.where('users.role', '=', role)
  if (status !== null) found = found.where('users.status', '=', status)
  return keysetPage(db, found, {
    ...page,
    order: [{ column: 'users.user_id', direction: 'desc' }],
    scope: ['accounts', search, role, status],
  })
}

/** In the order of code points, what begins with a text is a range: from it to it with the last of all characters behind. */
function beginsWith(text: string) {
  const [from, to] = [sql`lower(${text}::text)`, sql`lower(${text}::text) || ${lastCharacter}::text`]
  return sql<boolean>`(
    ((lower(users.email::text) collate "C") >= ${from} and (lower(users.email::text) collate "C") <= ${to})
    or ((users.username collate "C") >= ${from} and (users.username collate "C") <= ${to})
  )`
}

const lastCharacter = '\u{10ffff}'

export function accountsByIds(db: Database, adminId: UserId, userIds: readonly UserId[]) {
  return accountsFor(db, adminId).where('users.user_id', '=', anyOf(userIds)).execute()
}

/** An account, held until the transaction ends; undefined when there is none, or it was erased. */
export function holdAccount(db: Database, userId: UserId): Promise<AdminUserRow | undefined> {
  return accounts(db).where('users.user_id', '=', userId).forNoKeyUpdate().executeTakeFirst()
}

/** The active administrators, held until the transaction ends, so that two who go at once see each other. */
export async function holdAdministrators(db: Database): Promise<UserId[]> {
  const rows = await db
    .selectFrom('users')
    .where('role', '=', 'admin')
    .where('status', '=', 'active')
    .select('user_id')
    .orderBy('user_id')
    .forNoKeyUpdate()
    .execute()
  return rows.map(({ user_id: userId }) => userId)
}

export async function setRole(db: Database, userId: UserId, role: UserRole): Promise<void> {
  await db.updateTable('users').where('user_id', '=', userId).set({ role }).execute()
}

/** SES-4 A trigger ends the sessions of an account that is suspended. */
export async function setStatus(db: Database, userId: UserId, status: AccountStatus): Promise<void> {
  await db.updateTable('users').where('user_id', '=', userId).set({ status }).execute()
}

/** Says in the audit log that somebody's failures to log in were forgotten: the failures themselves are not audited. */
export async function noteUnlocking(db: Database, userId: UserId): Promise<void> {
  await sql`
    insert into audit_log (user_id, actor_id, action_type, table_name, record_id, ip_address, request_id)
    values (${userId}, app_user_id(), 'login.unlocked', 'users', ${userId}, app_ip(), app_request_id())
  `.execute(db)
}
