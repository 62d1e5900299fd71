import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { RefreshClaim } from '../rules.ts'

// SQL of `kitaab_auth` on sessions.

/** Where a client speaks from. */
export interface Client {
  ip: string | null
  userAgent: string | null
}

/** Who was verified, and by what: a password that is changed meanwhile opens nothing. */
export interface Verified {
  userId: UserId
  passwordHash: string | null
}

/**
 * SES-3 Begins a session of generation 1 that ends after 90 days, whatever happens. Undefined when password or status have changed since
 * they were read (SES-4): the account's row is held until the commit, so that a change of them ends this session, or comes before it.
 */
export async function insertSession(
  db: Database,
  { userId, passwordHash }: Verified,
  { ip, userAgent }: Client,
): Promise<RefreshClaim | undefined> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .where('user_id', '=', userId)
    .where('password_hash', '=', passwordHash)
    .where('status', '=', 'active')
    .set({ last_login_at: sql<string>`now()` })
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return undefined
  return db
    .insertInto('sessions')
    .values({ user_id: userId, ip, user_agent: userAgent, expires_at: sql<string>`now() + interval '90 days'` })
    .returning(['session_id as sessionId', 'generation'])
    .executeTakeFirstOrThrow()
}

/** SES-3 Renews the session if the claim is of its current generation; undefined when it is not, or the session has ended. */
export function rotateSession(db: Database, { sessionId, generation }: RefreshClaim, { ip, userAgent }: Client) {
  return db
    .updateTable('sessions')
    .where('session_id', '=', sessionId)
    .where('generation', '=', generation)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<string>`now()`)
    .set({
      generation: generation + 1,
      rotated_at: sql<string>`now()`,
      last_used_at: sql<string>`now()`,
      ip,
      user_agent: userAgent,
    })
    .returning(['user_id as userId', 'generation'])
    .executeTakeFirst()
}

/** A session as it stands; `justRotated`: within the last 30 seconds (SES-3). */
export function sessionState(db: Database, sessionId: string) {
  return db
    .selectFrom('sessions')
    .where('session_id', '=', sessionId)
    .select([
      'user_id as userId',
      'generation',
      sql<boolean>`revoked_at is null and expires_at > now()`.as('isLive'),
      sql<boolean>`rotated_at > now() - interval '30 seconds'`.as('justRotated'),
    ])
    .forUpdate()
    .executeTakeFirst()
}

/** Ends a session because a refresh token was used twice, and says so in the audit log. */
export async function revokeStolenSession(db: Database, userId: UserId, claim: RefreshClaim): Promise<void> {
  await db
    .updateTable('sessions')
    .where('session_id', '=', claim.sessionId)
    .set({ revoked_at: sql<string>`now()` })
    .execute()
  await sql`
    insert into audit_log (user_id, action_type, table_name, record_id, new_values, ip_address, request_id)
    values (${userId}, 'session.refresh_token_reused', 'sessions', ${claim.sessionId},
      jsonb_build_object('generation', ${claim.generation}::integer), app_ip(), app_request_id())
  `.execute(db)
}
