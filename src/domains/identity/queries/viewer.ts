import { type InferResult, type Selectable, sql } from 'kysely'
import type { DB } from '../../../generated/database.ts'
import { anyOf } from '../../../platform/database/any-of.ts'
import { builder, prepared } from '../../../platform/database/prepared.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { forbidden } from '../../../platform/graphql/errors.ts'

// ------------------------------------------------------------------------------------------------ people

/**
 * SHA-2 The people whom the viewer may see: themselves, both sides of an accepted relation, and whoever asks them. `today` is the
 * person's civil date (DAY-1), `weekStart` the ISO day on which their weeks begin.
 */
export function visibleUsers(db: Database, viewerId: UserId) {
  return db
    .selectFrom('users')
    .where('users.erased_at', 'is', null)
    .where(
      sql<boolean>`(users.user_id = ${viewerId} or exists (
        select from relations
        where relations.deleted_at is null and (
          (relations.requestee_id = ${viewerId} and relations.requester_id = users.user_id and (
            relations.status = 'accepted'
            or (relations.status = 'pending' and relations.created_at > now() - interval '30 days')
          ))
          or (relations.requester_id = ${viewerId} and relations.requestee_id = users.user_id and relations.status = 'accepted')
        )
      ))`,
    )
    .select([
      'users.user_id as userId',
      'users.username',
      sql<string>`coalesce(users.full_name, '')`.as('fullName'),
      'users.week_start as weekStart',
      sql<string>`civil_date(now(), users.time_zone, users.day_start_minutes)`.as('today'),
    ])
}

export type UserRow = InferResult<ReturnType<typeof visibleUsers>>[number]

export function usersByIds(db: Database, viewerId: UserId, userIds: readonly UserId[]): Promise<UserRow[]> {
  return usersListed(db, { viewerId, userIds })
}

interface ListedUsers {
  viewerId: UserId
  userIds: readonly UserId[]
}

const usersListed = prepared((db, { viewerId, userIds }: ListedUsers) =>
  builder(visibleUsers(db, viewerId).where('users.user_id', '=', anyOf(userIds))),
)

// ------------------------------------------------------------------------------------------------ the viewer's account

/** The viewer's own account, and nobody else's: of `users` itself the application may read no more than others are shown. */
export function ownAccount(db: Database, viewerId: UserId) {
  return db
    .selectFrom(sql<Omit<Selectable<DB['users']>, 'password_hash'>>`own_account`.as('users'))
    .where('users.user_id', '=', viewerId)
    .where('users.erased_at', 'is', null)
    .select([
      'users.user_id as userId',
      // What makes it the person's row as well.
      'users.username',
      sql<string>`coalesce(users.full_name, '')`.as('fullName'),
      sql<string>`civil_date(now(), users.time_zone, users.day_start_minutes)`.as('today'),
      sql<string>`coalesce(users.email, '')`.as('email'),
      'users.email_verified as emailVerified',
      'users.role',
      'users.time_zone as timeZone',
      'users.day_start_minutes as dayStartMinutes',
      'users.week_start as weekStart',
      'users.locale',
      sql<Record<string, unknown>>`users.metadata`.as('metadata'),
      'users.version',
      'users.closes_at as closesAt',
      sql<string>`day_starts_at(
        civil_date(now(), users.time_zone, users.day_start_minutes) + 1, users.time_zone, users.day_start_minutes
      )`.as('todayEndsAt'),
    ])
}

export type AccountRow = InferResult<ReturnType<typeof ownAccount>>[number]

export function accountsByIds(db: Database, viewerId: UserId, userIds: readonly UserId[]): Promise<AccountRow[]> {
  return accountsListed(db, { viewerId, userIds })
}

const accountsListed = prepared((db, { viewerId, userIds }: ListedUsers) =>
  builder(ownAccount(db, viewerId).where('users.user_id', '=', anyOf(userIds))),
)

/** SES-4 What only somebody with a confirmed address may do. FORBIDDEN, reason EMAIL_NOT_VERIFIED. */
export async function checkVerified(db: Database, viewerId: UserId): Promise<void> {
  const [account] = await accountsByIds(db, viewerId, [viewerId])
  if (account?.emailVerified) return
  throw forbidden("Confirm your address first, by the link that was sent to it: until then you can't share.", {
    reason: 'EMAIL_NOT_VERIFIED',
  })
}

/** What may be changed; what is undefined stays. */
export interface AccountChanges {
  fullName?: string | undefined
  username?: string | null | undefined
  timeZone?: string | undefined
  dayStartMinutes?: number | undefined
  weekStart?: number | undefined
  locale?: string | undefined
  metadata?: Record<string, unknown> | undefined
}

/** Changes the viewer's account; answers its version before, and whether it was the expected one and so was changed. */
export async function changeAccount(db: Database, viewerId: UserId, changes: AccountChanges, expected: number | null) {
  const { version } = await db
    .selectFrom('users')
    .where('user_id', '=', viewerId)
    .select('version')
    .forUpdate()
    .executeTakeFirstOrThrow()
  const isExpected = expected === null || expected === version
  if (isExpected) {
    await db
      .updateTable('users')
      .where('user_id', '=', viewerId)
      .set({
        // So that there is something to set; it changes nothing.
        week_start: changes.weekStart ?? sql<number>`week_start`,
        ...(changes.fullName !== undefined && { full_name: changes.fullName }),
        ...(changes.username !== undefined && { username: changes.username }),
        ...(changes.timeZone !== undefined && { time_zone: changes.timeZone }),
        ...(changes.dayStartMinutes !== undefined && { day_start_minutes: changes.dayStartMinutes }),
        ...(changes.locale !== undefined && { locale: changes.locale }),
        ...(changes.metadata !== undefined && { metadata: JSON.stringify(changes.metadata) }),
      })
      .execute()
  }
  return { version, isExpected }
}

// ------------------------------------------------------------------------------------------------ sessions

/** The viewer's live sessions. */
export function liveSessions(db: Database, viewerId: UserId) {
  return db
    .selectFrom('sessions')
    .where('sessions.user_id', '=', viewerId)
    .where('sessions.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', sql<string>`now()`)
    .select([
      'sessions.user_id as userId',
      'sessions.session_id as sessionId',
      'sessions.created_at as createdAt',
      'sessions.last_used_at as lastUsedAt',
      'sessions.expires_at as expiresAt',
      sql<string | null>`host(sessions.ip)`.as('ipAddress'),
      'sessions.user_agent as userAgent',
    ])
}

export type SessionRow = InferResult<ReturnType<typeof liveSessions>>[number]

/** The viewer's sessions, the latest used first; at most 50. */
export function sessionsOfViewer(db: Database, viewerId: UserId) {
  return liveSessions(db, viewerId).orderBy('sessions.last_used_at', 'desc').orderBy('sessions.session_id').execute()
}

export function sessionsByIds(db: Database, viewerId: UserId, sessionIds: readonly string[]) {
  return liveSessions(db, viewerId).where('sessions.session_id', '=', anyOf(sessionIds, 'uuid')).execute()
}

/** Ends one of the viewer's live sessions; false when there is none such. */
export async function revokeOwnSession(db: Database, viewerId: UserId, sessionId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sessions')
    .where('user_id', '=', viewerId)
    .where('session_id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .set({ revoked_at: sql<string>`now()` })
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
