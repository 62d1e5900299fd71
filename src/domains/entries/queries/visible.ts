import { type RawBuilder, sql } from 'kysely'
import type { EntryOrigin } from '../../../generated/database.ts'
import type { UserId } from '../../../platform/database/types.ts'

/** What an entry holds at one time; notes are null unless the viewer may read them. */
export interface EntryValueRow {
  readonly ownerId: string
  readonly count: string | null
  readonly scaleValueId: string | null
  readonly notes: string | null
}

export interface ItemKey {
  readonly ownerId: string
  readonly itemId: string
}

type Table = 'entries' | 'entry_history'

/** The columns of an entry as the viewer may see them: also what a write answers. */
export function entryColumns(viewerId: UserId) {
  return [
    ...plainColumns(viewerId),
    visibleActor('entries', lastChange('updated_by_user_id', viewerId), viewerId).as('recordedById'),
    lastChange<EntryOrigin>('origin', viewerId).as('origin'),
    sql.ref<string>('entries.created_at').as('createdAt'),
    lastChange<string>('updated_at', viewerId).as('updatedAt'),
  ] as const
}

/** Those of them that long lists show: the others take as long to work out and to read as these. */
export function plainColumns(viewerId: UserId) {
  return [
    sql.ref<string>('entries.user_id').as('ownerId'),
    sql.ref<string>('entries.deed_item_id').as('itemId'),
    sql.ref<string>('entries.entry_date').as('date'),
    sql.ref<string | null>('entries.count_value').as('count'),
    sql.ref<string | null>('entries.scale_value_id').as('scaleValueId'),
    sql<string | null>`case when ${notesAreVisible('entries', viewerId)} then entries.notes end`.as('notes'),
    lastChange<number>('version', viewerId).as('version'),
  ] as const
}

/** SHA-6 What of an entry says which change was the last: to those who may not read notes, the last that was not of them alone. */
export function lastChange<Value>(
  column: 'version' | 'updated_at' | 'updated_by_user_id' | 'origin',
  viewerId: UserId,
): RawBuilder<Value> {
  const stored = sql.ref(`entries.${column}`)
  // Most entries have no such change: they ask nothing about notes.
  return sql<Value>`case when entries.value_version is null or ${notesAreVisible('entries', viewerId)} then ${stored}
    else coalesce(${sql.ref(`entries.value_${column}`)}, ${stored}) end`
}

/** SHA-6 Policies hide rows, not columns. Of the owners that are declared. */
export function notesAreVisible(table: Table, viewerId: UserId) {
  return sql<boolean>`(${sql.ref(`${table}.user_id`)} = ${viewerId}
    or ${sql.ref(`${table}.deed_item_id`)} = any((select app_items_with_notes())::bigint[]))`
}

/** SHA-6 Who wrote it. To the owner whoever it was; to somebody else the owner or themselves, else null. */
export function visibleActor(table: Table, actor: RawBuilder<unknown>, viewerId: UserId) {
  const owner = sql.ref(`${table}.user_id`)
  return sql<string | null>`case when ${viewerId} = ${owner} or ${actor} in (${owner}, ${viewerId}) then ${actor} end`
}

/** The first wall in front of the policies: a live item of the viewer's own, or one that they were granted. */
export function isLiveAndVisible(viewerId: UserId) {
  return sql<boolean>`deed_items.deleted_at is null and (deed_items.user_id = ${viewerId} or exists (
    select from item_access
    where item_access.user_id = deed_items.user_id and item_access.viewer_id = ${viewerId}
      and item_access.deed_item_id = deed_items.deed_item_id
      and (item_access.expires_at is null or item_access.expires_at > now())
  ))`
}
