import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

// SQL of `kitaab_auth` on accounts that close.

/** In so many days of 24 hours from now. Answers when, and where to write that; null when it closes already. */
export async function setClosing(
  db: Database,
  userId: UserId,
  days: number,
): Promise<{ email: string; emailVerified: boolean; locale: string; closesAt: string } | null> {
  const row = await db
    .updateTable('users')
    .where('user_id', '=', userId)
    .where('closes_at', 'is', null)
    .set({ closes_at: sql<string>`now() + make_interval(hours => 24 * ${days}::integer)` })
    .returning(['email', 'email_verified as emailVerified', 'locale', 'closes_at as closesAt'])
    .executeTakeFirst()
  if (!row?.email || !row.closesAt) return null
  const { email, emailVerified, locale, closesAt } = row
  return { email, emailVerified, locale, closesAt }
}

export async function unsetClosing(db: Database, userId: UserId): Promise<void> {
  await db
    .updateTable('users')
    .where('user_id', '=', userId)
    .where('closes_at', 'is not', null)
    .set({ closes_at: null })
    .execute()
}
