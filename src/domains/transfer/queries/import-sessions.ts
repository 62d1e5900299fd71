import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

// SQL of `kitaab_auth`: whoever may start commands on this machine acts for people who are not there to log in.

/** Opens a session for an import, and answers its id. Should nobody end it, it ends after an hour. */
export async function openImportSession(tx: Database, userId: UserId): Promise<string> {
  const { sessionId } = await tx
    .insertInto('sessions')
    .values({ user_id: userId, user_agent: 'kitaab import', expires_at: sql<string>`now() + interval '1 hour'` })
    .returning('session_id as sessionId')
    .executeTakeFirstOrThrow()
  return sessionId
}

export async function endImportSession(tx: Database, userId: UserId, sessionId: string): Promise<void> {
  await tx
    .updateTable('sessions')
    .where('user_id', '=', userId)
    .where('session_id', '=', sessionId)
    .set({ revoked_at: sql<string>`now()` })
    .execute()
}
