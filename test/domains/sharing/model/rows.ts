// What the tables hold, read by their owner, who sees all rows: the model's only source. Ids, amounts and dates are text.
import type { TestDatabase } from '../../../support/database.ts'

export interface UserRow {
  id: string
  fullName: string
  today: string
}
export interface DeedRow {
  owner: string
  id: string
  category: 'hasanaat' | 'saiyyiaat'
  name: string
  measure: 'count' | 'scale'
  unit: string | null
  place: number
  isLive: boolean
}
export interface ItemRow {
  owner: string
  id: string
  deed: string
  parent: string | null
  level: number
  name: string
  description: string | null
  place: number
  isHidden: boolean
  isPrivate: boolean
  isLive: boolean
  createdAt: string
}
export interface ScaleRow {
  owner: string
  id: string
  deed: string
  number: number
  from: string | null
  to: string | null
}
export interface ValueRow {
  owner: string
  id: string
  scale: string
  deed: string
  name: string
  order: number
  score: string | null
  normalized: string
  color: string | null
  lineage: string
}
export interface EntryRow {
  owner: string
  item: string
  date: string
  count: string | null
  scale: string | null
  value: string | null
  notes: string | null
  writer: string
  origin: string
  isLive: boolean
  version: number
  createdAt: string
  updatedAt: string
}
export interface Held {
  count: string | null
  value: string | null
  notes: string | null
}
export interface ChangeRow {
  owner: string
  id: string
  item: string
  date: string
  action: string
  old: Held | null
  new: Held | null
  writer: string
  at: string
  origin: string
}
export interface RelationRow {
  owner: string
  id: string
  requester: string
  status: string
  isLive: boolean
  /** The requester's side of it, once it was accepted. */
  request: string | null
}
export interface PermissionRow {
  owner: string
  id: string
  relation: string
  requester: string
  item: string
  writes: boolean
  withSubtree: boolean
  notes: boolean
  isInForce: boolean
}

export interface Rows {
  users: UserRow[]
  deeds: DeedRow[]
  items: ItemRow[]
  scales: ScaleRow[]
  values: ValueRow[]
  entries: EntryRow[]
  changes: ChangeRow[]
  relations: RelationRow[]
  permissions: PermissionRow[]
}

const held = (column: string) =>
  `case when ${column} is not null then jsonb_build_object('count', trim_scale((${column} ->> 'count_value')::numeric)::text,
    'value', ${column} ->> 'scale_value_id', 'notes', ${column} ->> 'notes') end`

const statements: Record<keyof Rows, string> = {
  users: `select user_id::text as id, full_name as "fullName",
      civil_date(now(), time_zone, day_start_minutes)::text as today from users where user_id = any ($1)`,
  deeds: `select user_id::text as owner, deed_id::text as id, category_type as category, name, measure_type as measure, unit,
      display_order as place, deleted_at is null as "isLive" from deeds where user_id = any ($1)`,
  items: `select user_id::text as owner, deed_item_id::text as id, deed_id::text as deed, parent_deed_item_id::text as parent, level, name,
      description, display_order as place, not is_active as "isHidden", is_private as "isPrivate", deleted_at is null as "isLive",
      created_at as "createdAt" from deed_items where user_id = any ($1)`,
  scales: `select user_id::text as owner, scale_id::text as id, deed_id::text as deed, version_number as number,
      lower(effective)::text as from, (upper(effective) - 1)::text as to from scales where user_id = any ($1) and deleted_at is null`,
  values: `select user_id::text as owner, scale_value_id::text as id, scale_id::text as scale, deed_id::text as deed, value_name as name,
      value_order as order, trim_scale(score)::text as score, trim_scale(normalized_score)::text as normalized, color,
      lineage_key::text as lineage from scale_values where user_id = any ($1) and deleted_at is null`,
  entries: `select user_id::text as owner, deed_item_id::text as item, entry_date::text as date, trim_scale(count_value)::text as count,
      scale_id::text as scale, scale_value_id::text as value, notes, updated_by_user_id::text as writer, origin,
      deleted_at is null as "isLive", version, created_at as "createdAt", updated_at as "updatedAt" from entries where user_id = any ($1)`,
  changes: `select user_id::text as owner, entry_history_id::text as id, deed_item_id::text as item, entry_date::text as date, action,
      ${held('old_values')} as old, ${held('new_values')} as new, changed_by_user_id::text as writer, changed_at as at, origin
      from entry_history where user_id = any ($1)`,
  relations: `select requestee_id::text as owner, relation_id::text as id, requester_id::text as requester, status,
      (select request.relation_request_id::text from relation_requests as request where request.user_id = requester_id
        and request.requestee_id = relations.requestee_id and request.relation_id = relations.relation_id) as request,
      deleted_at is null as "isLive" from relations where requestee_id = any ($1)`,
  permissions: `select user_id::text as owner, permission_id::text as id, relation_id::text as relation, requester_id::text as requester,
      deed_item_id::text as item, permission_type = 'write' as writes, includes_descendants as "withSubtree", shares_notes as notes,
      is_active and (expires_at is null or expires_at > now()) as "isInForce" from permissions where user_id = any ($1)`,
}

/** All that these people own, deleted and closed rows too. */
export async function rowsOf({ admin }: TestDatabase, owners: readonly string[]): Promise<Rows> {
  const parts = Object.entries(statements).map(
    ([name, text]) => `'${name}', (select coalesce(jsonb_agg(to_jsonb(row)), '[]') from (${text}) as row)`,
  )
  const { rows } = await admin.query(`select jsonb_build_object(${parts.join(', ')})::text as rows`, [owners])
  return JSON.parse(rows[0].rows)
}
