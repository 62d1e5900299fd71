import { CompiledQuery } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

export interface OwnerStateRow {
  state: string
  lastsMs: number
}

/**
 * What tells one state of an owner's diary, as the viewer sees it, from another: the number of its last change, the owner's civil day,
 * and when the next of the viewer's permissions runs out, all by the database's clock. Two moments with the same of each show the
 * same. A server that was started anew, or a database made anew, may have been restored to an earlier moment, whose numbers are given
 * out again, so it counts as another one. Undefined when the owner shares nothing with the viewer by an accepted relation.
 */
export async function ownerState(db: Database, viewerId: UserId, ownerId: UserId): Promise<OwnerStateRow | undefined> {
  const isOwn = viewerId === ownerId
  const query = isOwn ? CompiledQuery.raw(ownState, [ownerId]) : CompiledQuery.raw(sharedState, [ownerId, viewerId])
  const { rows } = await db.executeQuery<OwnerStateRow>(query as CompiledQuery<OwnerStateRow>)
  return rows[0]
}

/** Texts made once: each request asks one of them before all else. */
const ownState = stateText('', 'null::timestamptz')

const sharedState = stateText(
  `and exists (
    select from relations
    where requestee_id = $1 and requester_id = $2 and status = 'accepted' and deleted_at is null
  )`,
  `(select min(expires_at) from permissions where user_id = $1 and requester_id = $2 and is_active and expires_at > now())`,
)

/**
 * The end of the day is told to the nearest hour where a zone leaves out or repeats that moment: `state` is what is exact, and nobody
 * asks for a state that is over.
 */
function stateText(condition: string, nextExpiry: string): string {
  return `
    with facts as materialized (
      select owner_state.change_seq, users.time_zone, users.day_start_minutes,
        civil_date(now(), users.time_zone, users.day_start_minutes) as today,
        ${nextExpiry} as next_expiry
      from users join owner_state using (user_id)
      where users.user_id = $1 and users.erased_at is null ${condition}
    )
    select concat_ws(' ', (select oid from pg_database where datname = current_database()),
        extract(epoch from pg_postmaster_start_time()), change_seq, today, coalesce(extract(epoch from next_expiry)::text, '-')) as state,
      (extract(epoch from least(
        next_expiry, (today + 1 + make_interval(mins => day_start_minutes)) at time zone time_zone
      ) - now()) * 1000)::float8 as "lastsMs"
    from facts`
}
