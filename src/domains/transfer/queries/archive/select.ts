import { sql } from 'kysely'
import { rowsInBatches } from '../../../../platform/database/rows-in-batches.ts'
import { assertUserId } from '../../../../platform/database/sql-settings.ts'
import type { Database, UserId } from '../../../../platform/database/types.ts'
import type { ArchiveFile, Field, Numbered } from './fields.ts'
import { orderOf } from './files.ts'

/** A row as an archive has it, by the names of its fields. */
export type ArchiveRow = Readonly<Record<string, unknown>>

/** The rows of a file, a batch at a time. `db` is one connection within a transaction that reads as the owner. */
export function rowsOfFile(db: Database, file: ArchiveFile, ownerId: UserId): AsyncGenerator<ArchiveRow[], void> {
  return rowsInBatches<ArchiveRow>(db, sql.raw(selectOf(file, ownerId)))
}

export async function countOfFile(db: Database, file: ArchiveFile, ownerId: UserId): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) as count from ${sql.raw(sourceOf(file, ownerId))}
    ${sql.raw(conditionOf(file, ownerId))}`.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/** What a file selects. Nothing in it comes from outside but the owner's id, which is digits. */
export function selectOf(file: ArchiveFile, ownerId: UserId): string {
  const references = file.fields.flatMap((field) =>
    field.kind.is === 'reference' ? [{ field, to: field.kind.to }] : [],
  )
  const numbered = [...new Set(references.map(({ to }) => to))]
  const joins = references.map(
    ({ field, to }) => `left join ${numbersOf(to)} as "of ${field.name}" on "of ${field.name}".id = ${field.value}`,
  )
  const text = [
    numbered.length > 0 ? `with ${numbered.map(numbering).join(', ')}` : '',
    `select ${[...file.fields.map((field) => `${told(field, file)} as "${field.name}"`), ...besides(file)].join(', ')}`,
    `from ${sourceOf(file, ownerId)}`,
    ...joins,
    conditionOf(file, ownerId),
    `order by ${orderIn(file.order)}`,
  ].join('\n')
  return text.replaceAll('$owner', assertUserId(ownerId))
}

function besides({ besides: columns = {} }: ArchiveFile): string[] {
  return Object.entries(columns).map(([name, value]) => `${value} as "${name}"`)
}

function sourceOf({ rows, table }: ArchiveFile, ownerId: UserId): string {
  return `${(rows ?? table).replaceAll('$owner', assertUserId(ownerId))} as t`
}

function conditionOf({ rows }: ArchiveFile, ownerId: UserId): string {
  return rows === undefined ? `where t.user_id = ${assertUserId(ownerId)}` : ''
}

const orderIn = (columns: readonly string[]) => columns.map((column) => `t.${column}`).join(', ')
const numbersOf = (table: Numbered) => `numbers_of_${table}`

const idColumns: Readonly<Record<Numbered, string>> = {
  deletions: 'deletion_id',
  deeds: 'deed_id',
  deed_items: 'deed_item_id',
  scales: 'scale_id',
  scale_values: 'scale_value_id',
  goals: 'goal_id',
  notifications: 'notification_id',
  projects: 'project_id',
  lidar_scans: 'scan_id',
  calculations: 'calculation_id',
}

function numbering(table: Numbered): string {
  return `${numbersOf(table)} as materialized (
    select t.${idColumns[table]} as id, row_number() over (order by ${orderIn(orderOf(table))}) as number
    from ${table} as t where t.user_id = $owner
  )`
}

/** A field's value as an archive has it: what JSON can't hold exactly is text. */
function told({ kind, name, value }: Field, file: ArchiveFile): string {
  switch (kind.is) {
    case 'number':
      return `(row_number() over (order by ${orderIn(file.order)}))::integer`
    case 'reference':
      return `"of ${name}".number::integer`
    case 'lineage':
    case 'integer':
      return `(${value})::integer`
    case 'label':
      return `upper((${value})::text)`
    case 'labels':
      return `upper((${value})::text)::text[]`
    case 'decimal':
      return `trim_scale(${value})::text`
    case 'instant':
      return `to_char((${value}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    case 'actor':
      return kind.named === null ? actorOf(value) : `coalesce(${kind.named}, ${actorOf(value)})`
    case 'text':
    case 'day':
    case 'time':
      return `(${value})::text`
    case 'flag':
    case 'json':
    case 'object':
    case 'value':
    case 'weekdays':
      return value
  }
}

/** Somebody whom the owner may no longer see is not named. */
export function actorOf(value: string, ownerId = '$owner'): string {
  return `case when (${value}) = ${ownerId} then 'OWNER' when (${value}) is not null then coalesce(
    (select coalesce('@' || username, full_name) from users where users.user_id = (${value})), 'SOMEBODY'
  ) end`
}
