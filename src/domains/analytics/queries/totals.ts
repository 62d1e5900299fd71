import { sql } from 'kysely'
import type { CalendarUnit, CategoryType } from '../../../generated/database.ts'
import type { Database } from '../../../platform/database/types.ts'
import type { DateRange } from '../../entries/rules/ranges.ts'

/** Holds nothing: what analysts ask is read as they ask it. */
export type AnalyticsModel = Readonly<Record<string, never>>

/** What all people together recorded in a day, week or month in one category; nulls where they were too few to tell. */
export interface TotalsModel {
  readonly from: string
  readonly to: string
  readonly category: CategoryType
  readonly people: number | null
  readonly entryCount: number | null
  readonly recordedDays: number | null
  readonly averageScore: string | null
}

/**
 * All that have a day of the range, in order of time, each whole; without a range those of the last 365 days, in UTC. `db` is connected as
 * `kitaab_readonly`.
 */
export async function totalsBetween(
  db: Database,
  { range, by }: { range: DateRange | null; by: CalendarUnit },
): Promise<TotalsModel[]> {
  const [first, last] = range
    ? [sql`${range.from}::date`, sql<string>`${range.to}::date`]
    : [sql`current_date - 364`, sql<string>`current_date`]
  return db
    .selectFrom('reporting.totals')
    .where('unit', '=', by)
    .where('starts', '>=', sql<string>`date_trunc(${by}, ${first})::date`)
    .where('starts', '<=', last)
    .select([
      'starts as from',
      sql<string>`(starts + ('1 ' || unit)::interval - interval '1 day')::date`.as('to'),
      'category',
      'people',
      sql<number | null>`entry_count::integer`.as('entryCount'),
      sql<number | null>`recorded_days::integer`.as('recordedDays'),
      sql<string | null>`trim_scale(average_score)`.as('averageScore'),
    ])
    .orderBy('starts')
    .orderBy('category')
    .execute()
}

/** When the totals were last brought up to date; null: never yet. */
export async function totalsKeptAt(db: Database): Promise<string | null> {
  const row = await db.selectFrom('reporting.keeping').select('kept_at').executeTakeFirst()
  return row?.kept_at ?? null
}
