import { type RawBuilder, sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

export interface OwnerStateRow {
  state: string
  lastsMs: number
}

/**
 * What tells one state of an owner's diary, as the viewer sees it, from another: the number of its last change, the owner's civil day,
 * and when the next of the viewer's permissions runs out, all by the database's clock. Two moments with the same of each show the
 * same. A server that was started anew may have been restored to an earlier moment, whose numbers are given out again, so it counts
 * as another one. Undefined when nothing of the owner's is shared with the viewer by an accepted relation.
 */
export async function ownerState(db: Database, viewerId: UserId, ownerId: UserId): Promise<OwnerStateRow | undefined> {
  const { rows } = await (viewerId === ownerId ? ownState(ownerId) : sharedState(viewerId, ownerId)).execute(db)
  return rows[0]
}

const today = sql`civil_date(now(), users.time_zone, users.day_start_minutes)`
const database = sql`(select oid from pg_database where datname = current_database()) || ' ' || extract(epoch from pg_postmaster_start_time())`
const midnight = sql`day_starts_at(facts.today + 1, facts.time_zone, facts.day_start_minutes)`

function ownState(ownerId: UserId): RawBuilder<OwnerStateRow> {
  return sql<OwnerStateRow>`
    with facts as materialized (
      select users.time_zone, users.day_start_minutes, ${today} as today, owner_state.change_seq
      from users join owner_state using (user_id)
      where users.user_id = ${ownerId} and users.erased_at is null
    )
    select concat_ws(' ', ${database}, facts.change_seq, facts.today) as state,
      (extract(epoch from ${midnight} - now()) * 1000)::float8 as "lastsMs"
    from facts`
}

function sharedState(viewerId: UserId, ownerId: UserId): RawBuilder<OwnerStateRow> {
  return sql<OwnerStateRow>`
    with facts as materialized (
      select users.time_zone, users.day_start_minutes, ${today} as today, owner_state.change_seq, (
        select min(permissions.expires_at) from permissions
        where permissions.user_id = ${ownerId} and permissions.requester_id = ${viewerId}
          and permissions.is_active and permissions.expires_at > now()
      ) as next_expiry
      from users join owner_state using (user_id)
      where users.user_id = ${ownerId} and users.erased_at is null and exists (
        select from relations
        where requestee_id = ${ownerId} and requester_id = ${viewerId} and status = 'accepted' and deleted_at is null
      )
    )
    select concat_ws(' ', ${database}, facts.change_seq, facts.today, coalesce(extract(epoch from facts.next_expiry)::text, '-')) as state,
      (extract(epoch from least(${midnight}, facts.next_expiry) - now()) * 1000)::float8 as "lastsMs"
    from facts`
}
