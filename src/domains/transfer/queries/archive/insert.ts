import { sql } from 'kysely'
import type { Database, UserId } from '../../../../platform/database/types.ts'
import type { Kind, Numbered } from './fields.ts'

// SQL of `kitaab_worker`: an archive comes in with versions, times and deletions that no viewer may write. Every row begins with the owner.

/** A column that is written, and its type. */
export interface Column {
  readonly name: string
  readonly type: string
}

export type Values = Readonly<Record<string, unknown>>

/** Writes rows in their order, in one statement. */
export async function insertRows(
  tx: Database,
  ownerId: UserId,
  { table, columns, rows }: { table: string; columns: readonly Column[]; rows: readonly Values[] },
): Promise<void> {
  const names = sql.join(columns.map(({ name }) => sql.ref(name)))
  const typed = sql.join(columns.map(({ name, type }) => sql`${sql.ref(name)} ${sql.raw(type)}`))
  await sql`
    insert into ${sql.table(table)} (user_id, ${names})
    select ${ownerId}, ${names}
    from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (${typed})) with ordinality
    order by ordinality`.execute(tx)
}

/** The type of a column. An actor of an archive is nobody here: whoever imports stands for them. */
export function typeOf(kind: Kind, column: string): string {
  switch (kind.is) {
    case 'number':
    case 'reference':
      return column === 'deletion_id' ? 'uuid' : 'bigint'
    case 'lineage':
      return 'uuid'
    case 'label':
      return kind.enum
    case 'labels':
      return `${kind.enum}[]`
    case 'integer':
      return 'integer'
    case 'weekdays':
      return 'smallint[]'
    case 'decimal':
      return 'numeric'
    case 'flag':
      return 'boolean'
    case 'day':
      return 'date'
    case 'time':
      return 'time'
    case 'instant':
      return 'timestamptz'
    case 'json':
    case 'object':
    case 'value':
      return 'jsonb'
    case 'actor':
      return 'bigint'
    case 'text':
      return 'text'
  }
}

/** So many ids that no other row gets, rising. */
export async function takeIds(
  tx: Database,
  table: Exclude<Numbered, 'notifications'> | 'resources',
  count: number,
): Promise<string[]> {
  const next =
    table === 'deletions'
      ? sql`gen_random_uuid()`
      : sql`nextval(pg_get_serial_sequence(${table}, ${`${table.slice(0, -1)}_id`}))`
  const { rows } = await sql<{ id: string }>`select ${next}::text as id from generate_series(1, ${count})`.execute(tx)
  return rows.map(({ id }) => id)
}

/** SCA-1 Versions of a scale that have entries: locked when they were first used. Raises their version by one. */
export async function lockScales(
  tx: Database,
  ownerId: UserId,
  scales: readonly { readonly id: string; readonly lockedAt: string }[],
): Promise<void> {
  await sql`
    update scales set locked_at = given.at
    from unnest(${scales.map(({ id }) => id)}::bigint[], ${scales.map(({ lockedAt }) => lockedAt)}::timestamptz[]) as given (id, at)
    where user_id = ${ownerId} and scale_id = given.id and locked_at is null`.execute(tx)
}

/** A change of an entry: values before and after by their columns, as far as there are. */
export interface ArchivedChange {
  readonly deed_item_id: string
  readonly entry_date: string
  readonly action: string
  readonly is_before: boolean
  readonly before_scale: string | null
  readonly before_value: string | null
  readonly before_count: string | null
  readonly before_notes: string | null
  readonly is_after: boolean
  readonly after_scale: string | null
  readonly after_value: string | null
  readonly after_count: string | null
  readonly after_notes: string | null
  readonly changed_at: string
  readonly version: number
  readonly imported_actor: string | null
  readonly imported_origin: string
}

/** ENT-6 The history of entries as an archive tells it: whoever imports it made none of the changes, and says who did. */
export async function insertChanges(tx: Database, ownerId: UserId, changes: readonly ArchivedChange[]): Promise<void> {
  await sql`
    insert into entry_history (
      user_id, deed_item_id, entry_date, action, old_values, new_values, changed_by_user_id, changed_at, origin, version,
      imported_actor, imported_origin
    )
    select ${ownerId}, deed_item_id, entry_date, action,
      case when is_before then entry_values(before_scale, before_value, before_count, before_notes) end,
      case when is_after then entry_values(after_scale, after_value, after_count, after_notes) end,
      ${ownerId}, changed_at, 'imported', version, imported_actor, imported_origin
    from rows from (jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as (
      deed_item_id bigint, entry_date date, action entry_action,
      is_before boolean, before_scale bigint, before_value bigint, before_count numeric(12,3), before_notes text,
      is_after boolean, after_scale bigint, after_value bigint, after_count numeric(12,3), after_notes text,
      changed_at timestamptz, version integer, imported_actor text, imported_origin entry_origin
    )) with ordinality
    order by ordinality`.execute(tx)
}
