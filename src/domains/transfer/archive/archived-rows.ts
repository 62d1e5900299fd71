import { randomUUID } from 'node:crypto'
import type { UserId } from '../../../platform/database/types.ts'
import type { Seals } from '../../../platform/sealed-values.ts'
import type { ArchiveFile, Field, Numbered } from '../queries/archive/fields.ts'
import type { ArchivedChange, Column, Values } from '../queries/archive/insert.ts'
import { typeOf } from '../queries/archive/insert.ts'
import type { ArchiveRow } from '../queries/archive/select.ts'
import { sealedColumns, sealedValues } from './sealed-resources.ts'

/** What rows of an archive become here. */
export interface Here {
  readonly ownerId: UserId
  /** The ids of numbered rows, in the order of their numbers. */
  readonly ids: Partial<Record<Numbered, readonly string[]>>
  /** Of each scale, by its number: its deed's id. */
  readonly deedOfScale: string[]
  /** Of each value, by its number: its version's id. */
  readonly scaleOfValue: string[]
  readonly lineages: Map<number, string>
  readonly seals: Seals
  /** The ids of resources, and the row that each was given to. */
  readonly resourceIds: readonly string[]
  readonly resources: Map<ArchiveRow, string>
}

export function newHere({
  ownerId,
  ids,
  seals,
  resourceIds,
}: Pick<Here, 'ownerId' | 'ids' | 'seals' | 'resourceIds'>): Here {
  const found = { deedOfScale: [], scaleOfValue: [], lineages: new Map(), resources: new Map() }
  return { ownerId, ids, seals, resourceIds, ...found }
}

export function idOf(here: Here, table: Numbered, number: unknown): string | null {
  return number === null ? null : (here.ids[table]?.[Number(number) - 1] ?? null)
}

/** Columns that follow from a row but are no field of it. */
interface Extra {
  readonly columns: readonly Column[]
  readonly values: (row: ArchiveRow, here: Here) => Values
}

const extras: Readonly<Record<string, Extra>> = {
  deletions: {
    columns: [{ name: 'root_id', type: 'bigint' }],
    values: (row, here) => ({
      root_id: idOf(here, 'deeds', row.deed) ?? idOf(here, 'deed_items', row.item) ?? idOf(here, 'goals', row.goal),
    }),
  },
  scales: {
    columns: [{ name: 'effective', type: 'daterange' }],
    values: (row) => ({
      effective: `[${row.effectiveFrom ?? ''},${row.effectiveTo ?? ''}]`,
      // Locking it, once its values are there, raises the version to what it was.
      ...(row.lockedAt !== null && { version: Math.max(1, Number(row.version) - 1) }),
    }),
  },
  scale_values: {
    columns: [{ name: 'deed_id', type: 'bigint' }],
    values: (row, here) => ({ deed_id: here.deedOfScale[Number(row.scale) - 1] }),
  },
  entries: {
    columns: [{ name: 'scale_id', type: 'bigint' }],
    values: (row, here) => ({
      scale_id: row.scaleValue === null ? null : here.scaleOfValue[Number(row.scaleValue) - 1],
    }),
  },
  resources: {
    columns: sealedColumns,
    values: (row, here) => sealedValues(row, resourceIdOf(row, here), here),
  },
}

/** The same each time: a batch that is refused is tried again row by row. */
function resourceIdOf(row: ArchiveRow, { resources, resourceIds }: Here): string {
  const id = resources.get(row) ?? resourceIds[resources.size] ?? ''
  resources.set(row, id)
  return id
}

/** The columns that an import writes. */
export function columnsOf({ table, fields }: ArchiveFile): Column[] {
  const own = fields.flatMap(({ into, kind }) =>
    // A reminder takes a number of its own: nothing that is imported names it.
    into === null || (kind.is === 'number' && table === 'notifications')
      ? []
      : [{ name: into, type: typeOf(kind, into) }],
  )
  return [...own, ...(extras[table]?.columns ?? [])]
}

/** A checked row by its columns. */
export function valuesOf({ table, fields }: ArchiveFile, row: ArchiveRow, here: Here): Values {
  const values: Record<string, unknown> = {}
  for (const field of fields) {
    if (field.into !== null) values[field.into] = valueHere(field, row[field.name], table as Numbered, here)
  }
  return { ...values, ...extras[table]?.values(row, here) }
}

function valueHere({ kind }: Field, value: unknown, table: Numbered, here: Here): unknown {
  if (value === null) return null
  switch (kind.is) {
    case 'number':
      return idOf(here, table, value)
    case 'reference':
      return idOf(here, kind.to, value)
    case 'lineage':
      return lineageOf(here, Number(value))
    case 'label':
      return String(value).toLowerCase()
    case 'labels':
      return (value as string[]).map((label) => label.toLowerCase())
    case 'actor':
      return here.ownerId
    default:
      return value
  }
}

function lineageOf({ lineages }: Here, number: number): string {
  const known = lineages.get(number) ?? randomUUID()
  lineages.set(number, known)
  return known
}

/** A checked change of an entry, or what is wrong with it. */
export function changeOf(row: ArchiveRow, here: Here): ArchivedChange | string {
  const before = valueIn(row, 'old', here)
  const after = valueIn(row, 'new', here)
  const hasBefore = row.action === 'UPDATED' || row.action === 'CLEARED'
  const hasAfter = row.action !== 'CLEARED'
  if (before.parts !== (hasBefore ? 1 : 0)) return hasBefore ? 'has not one value before' : 'has a value before'
  if (after.parts !== (hasAfter ? 1 : 0)) return hasAfter ? 'has not one value after' : 'has a value after'
  return {
    deed_item_id: idOf(here, 'deed_items', row.item) ?? '',
    entry_date: String(row.date),
    action: String(row.action).toLowerCase(),
    is_before: hasBefore,
    before_scale: before.scale,
    before_value: before.value,
    before_count: before.count,
    before_notes: before.notes,
    is_after: hasAfter,
    after_scale: after.scale,
    after_value: after.value,
    after_count: after.count,
    after_notes: after.notes,
    changed_at: String(row.changedAt),
    version: Number(row.version),
    imported_actor: row.changedBy as string,
    imported_origin: String(row.originBefore ?? row.origin).toLowerCase(),
  }
}

function valueIn(row: ArchiveRow, when: 'old' | 'new', here: Here) {
  const number = row[`${when}ScaleValue`]
  const count = row[`${when}Count`] as string | null
  const notes = row[`${when}Notes`] as string | null
  return {
    scale: number === null ? null : (here.scaleOfValue[Number(number) - 1] ?? null),
    value: idOf(here, 'scale_values', number),
    count,
    notes,
    // A note alone is no value.
    parts: Math.max(Number(number !== null) + Number(count !== null), notes === null ? 0 : 0.5),
  }
}
