import type { InferResult } from 'kysely'
import { sql } from 'kysely'
import { pairsIn } from '../../../platform/database/any-of.ts'
import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { EntryValueRow, ItemKey } from './visible.ts'
import { isLiveAndVisible, notesAreVisible, visibleActor } from './visible.ts'

/** ENT-6 The changes of entries of live items that the viewer may see, also of days that are clear now. */
export function visibleChanges(db: Database, viewerId: UserId) {
  const notesShow = notesAreVisible('entry_history', viewerId)
  return (
    db
      .selectFrom('entry_history')
      .innerJoin('deed_items', (join) =>
        join
          .onRef('deed_items.user_id', '=', 'entry_history.user_id')
          .onRef('deed_items.deed_item_id', '=', 'entry_history.deed_item_id'),
      )
      .where(isLiveAndVisible(viewerId))
      // SHA-8 A change of notes alone is none to those who may not read them.
      .where(
        sql<boolean>`(${notesShow} or entry_history.old_values - 'notes' is distinct from entry_history.new_values - 'notes')`,
      )
      .select([
        'entry_history.user_id as ownerId',
        'entry_history.entry_history_id as changeId',
        'entry_history.deed_item_id as itemId',
        'entry_history.entry_date as date',
        'entry_history.action',
        valueIn('old_values', viewerId).as('oldValue'),
        valueIn('new_values', viewerId).as('newValue'),
        'entry_history.changed_at as changedAt',
        visibleActor('entry_history', sql.ref('entry_history.changed_by_user_id'), viewerId).as('changedById'),
        'entry_history.origin',
        // A name of another place: the owner's to know.
        sql<string | null>`case when entry_history.user_id = ${viewerId} then entry_history.imported_actor end`.as(
          'importedActor',
        ),
      ])
  )
}

export type EntryChangeRow = InferResult<ReturnType<typeof visibleChanges>>[number]
export type EntryChangePage = Page<EntryChangeRow>

export interface ChangeKey {
  readonly ownerId: string
  readonly changeId: string
}

export function changesByKeys(db: Database, viewerId: UserId, keys: readonly ChangeKey[]) {
  const pairs = keys.map(({ ownerId, changeId }) => [ownerId, changeId] as const)
  return visibleChanges(db, viewerId)
    .where(pairsIn(['entry_history.user_id', 'entry_history.entry_history_id'], pairs))
    .execute()
}

/** A page of what happened to one day of an item, 1..100, the latest change first. */
export function changesOfEntry(
  db: Database,
  viewerId: UserId,
  { ownerId, itemId, date }: ItemKey & { readonly date: string },
  { first, after }: { first: number; after?: string | null | undefined },
): Promise<EntryChangePage> {
  const changes = visibleChanges(db, viewerId)
    .where('entry_history.user_id', '=', ownerId)
    .where('entry_history.deed_item_id', '=', itemId)
    .where('entry_history.entry_date', '=', date)
  return keysetPage(db, changes, {
    order: [
      { column: 'entry_history.changed_at', direction: 'desc' },
      { column: 'entry_history.entry_history_id', direction: 'desc' },
    ],
    first,
    after,
    scope: ['changesOfEntry', ownerId, itemId, date],
  })
}

/** A value out of the history, all of it text: JSON's own numbers would lose digits on their way. */
function valueIn(column: 'old_values' | 'new_values', viewerId: UserId) {
  const values = sql.ref(`entry_history.${column}`)
  return sql<EntryValueRow | null>`case when ${values} is not null then jsonb_build_object(
    'ownerId', entry_history.user_id::text,
    'count', ${values} ->> 'count_value',
    'scaleValueId', ${values} ->> 'scale_value_id',
    'notes', case when ${notesAreVisible('entry_history', viewerId)} then ${values} ->> 'notes' end
  ) end`
}
