import { sql } from 'kysely'
import { prepared, text } from '../../../platform/database/prepared.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { Situation } from '../rules.ts'

/** A row that is to be written: `date` null is the owner's today. */
export interface WantedRow {
  readonly ownerId: string
  readonly itemId: string
  readonly date?: string | null | undefined
  readonly scaleValueId?: string | null | undefined
}

/** A situation, and what the write must meet for the decision to hold. */
export interface FoundSituation extends Situation {
  /** The version of the row, of a cleared one too; 0 where there is no row. */
  readonly rowVersion: number
}

/**
 * What the rows need to be decided, in one statement: item, deed, measure, the owner's today, the viewer's access, the scale in
 * effect on the date, the requested value, and what is recorded. In the order of `rows`; undefined where the viewer
 * sees no such item. Other owners must be declared.
 */
export async function situationsOf(
  db: Database,
  viewerId: UserId,
  rows: readonly WantedRow[],
): Promise<(FoundSituation | undefined)[]> {
  const found = await statement(db, {
    viewerId,
    ownerIds: rows.map(({ ownerId }) => ownerId),
    itemIds: rows.map(({ itemId }) => itemId),
    dates: rows.map(({ date }) => date ?? null),
    scaleValueIds: rows.map(({ scaleValueId }) => scaleValueId ?? null),
    owners: [...new Set(rows.map(({ ownerId }) => ownerId))],
  })
  const situations = new Map(found.map(({ place, ...situation }) => [Number(place), situation]))
  return rows.map((_, index) => situations.get(index + 1))
}

interface Wanted {
  viewerId: UserId
  ownerIds: string[]
  itemIds: string[]
  dates: (string | null)[]
  scaleValueIds: (string | null)[]
  owners: string[]
}

const statement = prepared((_db, { viewerId, ownerIds, itemIds, dates, scaleValueIds, owners }: Wanted) => {
  const isOwner = sql<boolean>`item.user_id = ${viewerId}`
  const sharesNotes = sql<boolean>`${isOwner} or (access.shares_notes and (access.notes_expires_at is null or access.notes_expires_at > now()))`
  // The day by `case`: below policies, `coalesce` (not leakproof to the planner) would keep the date out of the index; so would a plain
  // join with entries, as the planner takes an item for one row.
  return text(sql<FoundSituation & { place: string }>`
    select wanted.place, item.user_id as "ownerId", item.deed_item_id as "itemId", item.deed_id as "deedId",
      day.date, deeds.measure_type as measure,
      ${isOwner} as "isOwner",
      ${isOwner} or (access.may_write and (access.write_expires_at is null or access.write_expires_at > now())) as "mayWrite",
      ${sharesNotes} as "sharesNotes",
      case when ${isOwner} then date '1900-01-01' else greatest(date '1900-01-01', owners.today - access.backfill_days) end as "earliestDate",
      owners.today + 1 as "latestDate",
      effective.scale_id as "effectiveScaleId",
      requested.scale_id as "requestedScaleId",
      requested.deleted_at is not null as "requestedIsRetired",
      continuing.scale_value_id as "sameLineageValueId",
      coalesce(recorded.version, 0) as "rowVersion",
      case when recorded.deleted_at is null and recorded.version is not null then jsonb_build_object(
        'version', case when ${sharesNotes} then recorded.version else coalesce(recorded.value_version, recorded.version) end,
        'isWrittenByOwner', recorded.user_id = case when ${sharesNotes} then recorded.updated_by_user_id
          else coalesce(recorded.value_updated_by_user_id, recorded.updated_by_user_id) end,
        'count', recorded.count_value::text, 'scaleId', recorded.scale_id::text,
        'scaleValueId', recorded.scale_value_id::text, 'notes', recorded.notes
      ) end as entry
    from unnest(
      ${ownerIds}::bigint[], ${itemIds}::bigint[], ${dates}::date[], ${scaleValueIds}::bigint[]
    ) with ordinality as wanted (owner_id, item_id, on_date, scale_value_id, place)
    join (
      select user_id, civil_date(now(), time_zone, day_start_minutes) as today
      from users where user_id = any(${owners}::bigint[]) offset 0
    ) as owners on owners.user_id = wanted.owner_id
    cross join lateral (select case when wanted.on_date is null then owners.today else wanted.on_date end as date) as day
    join deed_items as item on item.user_id = wanted.owner_id and item.deed_item_id = wanted.item_id and item.deleted_at is null
    join deeds on deeds.user_id = item.user_id and deeds.deed_id = item.deed_id and deeds.deleted_at is null
    left join item_access as access on access.user_id = item.user_id and access.viewer_id = ${viewerId}
      and access.deed_item_id = item.deed_item_id and (access.expires_at is null or access.expires_at > now())
    left join scales as effective on effective.user_id = deeds.user_id and effective.deed_id = deeds.deed_id
      and effective.deleted_at is null and effective.effective @> day.date
    left join scale_values as requested on requested.user_id = deeds.user_id and requested.scale_value_id = wanted.scale_value_id
      and requested.deed_id = deeds.deed_id
    left join scale_values as continuing on continuing.user_id = effective.user_id and continuing.scale_id = effective.scale_id
      and continuing.lineage_key = requested.lineage_key and continuing.deleted_at is null
    left join lateral (
      select * from entries
      where entries.user_id = item.user_id and entries.deed_item_id = item.deed_item_id and entries.entry_date = day.date
      limit 1
    ) as recorded on true
    where ${isOwner} or access.user_id is not null`)
})
