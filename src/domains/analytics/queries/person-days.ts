import { type RawBuilder, sql } from 'kysely'
import { anyOf, tuplesIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'

/** An owner something of whom changed since their days were kept. */
export interface ChangedOwner {
  readonly ownerId: UserId
  /** The number of their last change. */
  readonly changeSeq: string
  /** Whether they are counted: an active account. */
  readonly isCounted: boolean
  /** The days whose entries changed; null: more than entries did, or nobody knows what. */
  readonly days: readonly string[] | null
}

/** Changes that move no number, whatever became of the row. One that is not listed has all days of its owner looked at anew. */
const accounts = ['User', 'Account', 'Session', 'Job', 'Reminder', 'Message', 'UserSetting']
const idle = [...accounts, 'Goal', 'GoalItem', 'Relation', 'Permission', 'Deletion', 'Reflection']

/** Some of the owners whose days are not kept up to their last change, those after `after`, in the order of their ids. */
export async function changedOwners(
  db: Database,
  { after, limit }: { after: UserId; limit: number },
): Promise<ChangedOwner[]> {
  const { rows } = await sql<ChangedOwner>`
    with changed as (
      select owner.user_id, owner.change_seq, users.status = 'active' as is_counted, kept.change_seq as kept_seq, kept.is_counted as was_counted
      from owner_state as owner
      join users on users.user_id = owner.user_id
      left join reporting.kept_owners as kept on kept.user_id = owner.user_id
      where owner.user_id > ${after}::bigint and kept.change_seq is distinct from owner.change_seq
      order by owner.user_id
      limit ${limit}
    )
    select user_id as "ownerId", change_seq as "changeSeq", is_counted as "isCounted",
      case when was_counted = is_counted and log.known = change_seq - kept_seq and not log.has_others then log.days end as days
    from changed
    cross join lateral (
      select count(*) as known, coalesce(bool_or(entity <> all (${[...idle, 'Entry']}::text[])), false) as has_others,
        coalesce(array_agg(distinct split_part(key, ':', 2)) filter (where entity = 'Entry'), '{}') as days
      from change_log
      where change_log.user_id = changed.user_id and seq > kept_seq and seq <= change_seq
    ) as log
    order by user_id
  `.execute(db)
  return rows
}

/** Of erased accounts nothing is kept, whatever was being kept while they were erased. */
export async function forgetErased(db: Database): Promise<void> {
  for (const table of ['reporting.daily_stats', 'reporting.kept_owners'] as const)
    await db
      .deleteFrom(table)
      .where('user_id', 'in', db.selectFrom('users').where('status', '=', 'erased').select('user_id'))
      .execute()
}

/**
 * Makes the days of these owners what their entries say now. Rows that are right already are not written, so that they make no month
 * stale. `db` is a transaction with one snapshot, in which the owners were read.
 */
export async function keepDays(db: Database, owners: readonly ChangedOwner[]): Promise<void> {
  const wholly = owners.filter(({ days }) => days === null).map(({ ownerId }) => ownerId)
  const partly = owners.flatMap(({ ownerId, days }) => (days ?? []).map((day) => [ownerId, day] as const))
  const counted = owners.filter(({ isCounted }) => isCounted).map(({ ownerId }) => ownerId)
  if (wholly.length > 0)
    await replaceDays(db, counted, (table) => sql`${sql.ref(`${table}.user_id`)} = ${anyOf(wholly)}`)
  if (partly.length > 0)
    await replaceDays(db, counted, (table, day) =>
      tuplesIn(
        [
          [`${table}.user_id`, 'bigint'],
          [`${table}.${day}`, 'date'],
        ],
        partly,
      ),
    )
  await sql`
    insert into reporting.kept_owners (user_id, change_seq, is_counted)
    select * from unnest(
      ${owners.map(({ ownerId }) => ownerId)}::bigint[], ${owners.map(({ changeSeq }) => changeSeq)}::bigint[],
      ${owners.map(({ isCounted }) => isCounted)}::boolean[]
    )
    on conflict (user_id) do update set change_seq = excluded.change_seq, is_counted = excluded.is_counted
  `.execute(db)
}

type Scope = (table: 'entries' | 'kept', day: 'entry_date' | 'day') => RawBuilder<unknown>

async function replaceDays(db: Database, counted: readonly UserId[], scope: Scope): Promise<void> {
  await sql`
    with recursive ${freshDays(counted, scope('entries', 'entry_date'))}, gone as (
      delete from reporting.daily_stats as kept
      where ${scope('kept', 'day')} and not exists (
        select from fresh where fresh.user_id = kept.user_id and fresh.category = kept.category and fresh.day = kept.day
      )
    )
    insert into reporting.daily_stats as kept (user_id, category, day, entry_count, score_sum, scored_count)
    select user_id, category, day, entry_count, score_sum, scored_count from fresh
    on conflict (user_id, category, day) do update
    set entry_count = excluded.entry_count, score_sum = excluded.score_sum, scored_count = excluded.scored_count
    where (kept.entry_count, kept.score_sum, kept.scored_count)
      is distinct from (excluded.entry_count, excluded.score_sum, excluded.scored_count)
  `.execute(db)
}

/** `fresh`: what the entries in this scope come to. What is private stays out of it, with all below it; what is hidden is in. */
function freshDays(counted: readonly UserId[], scope: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`private (user_id, deed_item_id) as (
      select user_id, deed_item_id from deed_items where user_id = ${anyOf(counted)} and is_private
      union
      select item.user_id, item.deed_item_id
      from private join deed_items as item on item.user_id = private.user_id and item.parent_deed_item_id = private.deed_item_id
    ), fresh as materialized (
      select entries.user_id, deeds.category_type as category, entries.entry_date as day, count(*)::integer as entry_count,
        coalesce(sum(scale_values.normalized_score), 0) as score_sum, count(scale_values.normalized_score)::integer as scored_count
      from entries
      join deed_items as item on item.user_id = entries.user_id and item.deed_item_id = entries.deed_item_id
      join deeds on deeds.user_id = item.user_id and deeds.deed_id = item.deed_id
      left join scale_values on scale_values.user_id = entries.user_id and scale_values.scale_value_id = entries.scale_value_id
      where entries.user_id = ${anyOf(counted)} and ${scope}
        and entries.deleted_at is null and item.deleted_at is null and deeds.deleted_at is null
        and not exists (
          select from private where private.user_id = entries.user_id and private.deed_item_id = entries.deed_item_id
        )
      group by entries.user_id, deeds.category_type, entries.entry_date
    )`
}
