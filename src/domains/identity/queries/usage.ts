import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

/** How much there is of what the viewer's account holds; each a whole number. */
export interface UsageCounts {
  deeds: number
  itemsOfLargestDeed: number
  versionsOfLongestScale: number
  entries: number
  goals: number
  sessions: number
  relationsAsOwner: number
  relationsAsRequester: number
}

/** What the viewer's account holds and was not deleted, counted in one statement as the triggers that bound it count. */
export async function usageOfViewer(db: Database, viewerId: UserId): Promise<UsageCounts> {
  const { rows } = await sql<UsageCounts>`
    select
      (select count(*)::integer from deeds where user_id = ${viewerId} and deleted_at is null) as deeds,
      (select coalesce(max(items), 0)::integer from (
        select count(*) as items from deed_items where user_id = ${viewerId} and deleted_at is null group by deed_id
      ) as of_deed) as "itemsOfLargestDeed",
      (select coalesce(max(versions), 0)::integer from (
        select count(*) as versions from scales where user_id = ${viewerId} and deleted_at is null group by deed_id
      ) as of_scale) as "versionsOfLongestScale",
      (select count(*)::integer from entries join deed_items using (user_id, deed_item_id)
        where entries.user_id = ${viewerId} and entries.deleted_at is null and deed_items.deleted_at is null) as entries,
      (select count(*)::integer from goals where user_id = ${viewerId} and deleted_at is null) as goals,
      (select count(*)::integer from sessions
        where user_id = ${viewerId} and revoked_at is null and expires_at > now()) as sessions,
      (select count(*)::integer from relations
        where requestee_id = ${viewerId} and status = 'accepted' and deleted_at is null) as "relationsAsOwner",
      (select count(*)::integer from relations
        where requester_id = ${viewerId} and status = 'accepted' and deleted_at is null) as "relationsAsRequester"
  `.execute(db)
  const [counts] = rows
  if (!counts) throw new Error('A select without a from has one row.')
  return counts
}
