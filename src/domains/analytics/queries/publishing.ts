import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import { smallestGroup } from '../rules.ts'

// What analysts are shown is put together from parts of which each is of ten people or more: days that are shown by themselves, and for each
// month the rest of its days, which is in the month's total and nowhere else. A month's total is the sum of all its parts, and a week's
// is the sum of its days, shown only where all of them are. So whatever is taken from whatever, what remains is made of whole parts, and
// tells of ten people at least. Averages have parts of their own, made in the same way of those people whose entries have a score.

/** Forgets which months are stale, and answers them. Marks that are set meanwhile stay for the next time. */
export async function takeStaleMonths(db: Database): Promise<string[]> {
  const rows = await db.deleteFrom('reporting.stale_months').returning('month').execute()
  return rows.map(({ month }) => month).sort()
}

/** Makes the totals of a month (its first day), and of its days, anew. */
export async function publishMonth(db: Database, month: string): Promise<void> {
  await sql`
    delete from reporting.totals
    where unit in ('day', 'month') and starts >= ${month}::date and starts < ${month}::date + interval '1 month'
  `.execute(db)
  await sql`
    with stats as materialized (
      select * from reporting.daily_stats where day >= ${month}::date and day < ${month}::date + interval '1 month'
    ), parts as (
      select 'entries' as part, category, day, user_id from stats
      union all
      select 'scores', category, day, user_id from stats where scored_count > 0
    ), days as (
      select part, category, day, count(*) as people from parts group by part, category, day
    ), few as (
      select part, category, count(distinct user_id) as people
      from parts join days using (part, category, day)
      where days.people < ${smallestGroup}
      group by part, category
    ), withheld as (
      select part, category, day from days where people < ${smallestGroup}
      union
      -- The rest would be of too few: the day of the fewest people that could be shown goes with it.
      (
        select distinct on (part, category) part, category, day
        from days join few using (part, category)
        where few.people < ${smallestGroup} and days.people >= ${smallestGroup}
        order by part, category, days.people, day
      )
    ), sums as (
      select 'day'::calendar_unit as unit, day as starts, category, count(*) as people,
        exists (select from withheld where part = 'entries' and withheld.category = stats.category and withheld.day = stats.day) as is_withheld,
        exists (select from withheld where part = 'scores' and withheld.category = stats.category and withheld.day = stats.day) as has_few_scores,
        count(*) as recorded_days, sum(entry_count) as entry_count, sum(score_sum) as score_sum, sum(scored_count) as scored_count
      from stats group by category, day
      union all
      select 'month', ${month}::date, category, count(distinct user_id), count(distinct user_id) < ${smallestGroup},
        count(distinct user_id) filter (where scored_count > 0) < ${smallestGroup},
        count(*), sum(entry_count), sum(score_sum), sum(scored_count)
      from stats group by category
    )
    ${inserted}
  `.execute(db)
}

/** Makes the totals of all weeks anew that have a day in one of these months. Their days must be made before. */
export async function publishWeeks(db: Database, months: readonly string[]): Promise<void> {
  const weeks = sql`weeks as (
    select distinct date_trunc('week', day)::date as monday
    from unnest(${months}::date[]) as month, generate_series(month, month + interval '1 month - 1 day', interval '1 day') as day
  )`
  await sql`
    with ${weeks}
    delete from reporting.totals where unit = 'week' and starts in (select monday from weeks)
  `.execute(db)
  await sql`
    with ${weeks}, sums as (
      select 'week'::calendar_unit as unit, monday as starts, stats.category, count(distinct user_id) as people,
        bool_or(shown.people is null) as is_withheld,
        bool_or(shown.average_score is null and stats.scored_count > 0) as has_few_scores,
        count(*) as recorded_days, sum(stats.entry_count) as entry_count, sum(score_sum) as score_sum, sum(scored_count) as scored_count
      from weeks
      join reporting.daily_stats as stats on stats.day between monday and monday + 6
      left join reporting.totals as shown on unit = 'day' and shown.starts = stats.day and shown.category = stats.category
      group by monday, stats.category
    )
    ${inserted}
  `.execute(db)
}

/** Of `sums`; what is withheld as a row of nulls. */
const inserted = sql`
  insert into reporting.totals (unit, starts, category, people, entry_count, recorded_days, average_score)
  select unit, starts, category, case when not is_withheld then people end, case when not is_withheld then entry_count end,
    case when not is_withheld then recorded_days end,
    case when not is_withheld and not has_few_scores then round(score_sum / nullif(scored_count, 0), 6) end
  from sums`

export async function noteKept(db: Database, keptAt: string): Promise<void> {
  await db
    .insertInto('reporting.keeping')
    .values({ kept_at: keptAt })
    .onConflict((conflict) => conflict.column('only_row').doUpdateSet({ kept_at: keptAt }))
    .execute()
}

export async function databaseNow(db: Database): Promise<string> {
  const { now } = await db.selectNoFrom(sql<string>`now()`.as('now')).executeTakeFirstOrThrow()
  return now
}
