import * as field from './fields.ts'
import { type ArchiveFile, type Enum, edited, stamped } from './fields.ts'

const category: Enum = ['category_type', ['HASANAAT', 'SAIYYIAAT']]
const measure: Enum = ['measure_type', ['SCALE', 'COUNT']]
const deletionKind: Enum = ['deletion_kind', ['DEED', 'DEED_ITEM', 'GOAL']]
const origin: Enum = ['entry_origin', ['MANUAL', 'BULK', 'IMPORTED', 'REVERT']]
const action: Enum = ['entry_action', ['CREATED', 'UPDATED', 'CLEARED', 'RESTORED']]
const anyInteger = [-2_147_483_648, 2_147_483_647] as const
const externalKey = field.text('externalKey', 500, 'Where an import from another app found it: `loop:NAME`, say.', {
  optional: true,
})

const deletions: ArchiveFile = {
  name: 'deletions',
  table: 'deletions',
  about:
    'What was deleted and can be restored, or was: each names a deed, an item or a goal, and stamps all that went with it.',
  isImported: true,
  order: ['deleted_at', 'kind', 'root_id', 'deletion_id'],
  fields: [
    field.number('deletion_id'),
    field.label('kind', deletionKind, 'What was deleted.'),
    field.reference('deed', 'deeds', 'The deed, when it was one.', {
      column: 'root_id',
      value: rootOf('deed'),
      optional: true,
      imported: false,
    }),
    field.reference('item', 'deed_items', 'The item, when it was one.', {
      column: 'root_id',
      value: rootOf('deed_item'),
      optional: true,
      imported: false,
    }),
    field.reference('goal', 'goals', 'The goal, when it was one.', {
      column: 'root_id',
      value: rootOf('goal'),
      optional: true,
      imported: false,
    }),
    field.text('label', 200, 'What it was called.'),
    field.integer('rowCount', [0, 2_147_483_647], 'How many rows it stamped.'),
    field.actor('deletedBy', 'Who deleted it.'),
    field.instant('deletedAt', 'When it was deleted.'),
    field.instant('restoredAt', 'When it was restored; null: it is deleted.', { optional: true }),
    field.instant('purgeAfter', 'When it may be removed for good. After an import: 90 days from then at the earliest.'),
  ],
}

function rootOf(kind: string): string {
  return `case when t.kind = '${kind}' then t.root_id end`
}

const deeds: ArchiveFile = {
  name: 'deeds',
  table: 'deeds',
  about: 'What is kept account of.',
  isImported: true,
  order: ['deed_id'],
  fields: [
    field.number('deed_id'),
    field.label('category', category, 'Good deeds, or bad ones.', { column: 'category_type' }),
    field.text('name', 200, 'Its name.'),
    field.text('description', 2_000, 'Its description.', { optional: true }),
    field.label('measure', measure, 'Recorded by a value of a scale, or by a count.', { column: 'measure_type' }),
    field.text('unit', 50, 'What is counted.', { optional: true }),
    field.integer('displayOrder', anyInteger, 'Its place among the deeds of its category.'),
    field.flag('isActive', 'False: hidden from the everyday view.'),
    externalKey,
    ...stamped,
    ...edited,
  ],
}

const items: ArchiveFile = {
  name: 'items',
  table: 'deed_items',
  about: 'The items of deeds: trees of at most 10 levels, against which entries are recorded.',
  isImported: true,
  order: ['deed_item_id'],
  fields: [
    field.number('deed_item_id'),
    field.reference('deed', 'deeds', 'Its deed.', { column: 'deed_id' }),
    field.reference('parent', 'deed_items', 'The item that it is below; null: at the top.', {
      column: 'parent_deed_item_id',
      optional: true,
    }),
    field.integer('level', [1, 10], 'Its depth in the tree, from 1.', { imported: false }),
    field.text('name', 200, 'Its name.'),
    field.text('description', 2_000, 'Its description.', { optional: true }),
    field.integer('displayOrder', anyInteger, 'Its place among those of the same parent.'),
    field.flag('isActive', 'False: hidden from the everyday view.'),
    field.flag('isPrivate', 'True: neither it nor what is below it is shared by a permission above it.'),
    externalKey,
    ...stamped,
    ...edited,
  ],
}

const scales: ArchiveFile = {
  name: 'scales',
  table: 'scales',
  about: 'The versions of the scales by which deeds are measured. Each day has one.',
  isImported: true,
  order: ['scale_id'],
  fields: [
    field.number('scale_id'),
    field.reference('deed', 'deeds', 'Its deed.', { column: 'deed_id' }),
    field.integer('versionNumber', [1, 200], '1, 2, 3 ... of the deed.'),
    field.day('effectiveFrom', 'The first day on which entries use it; null: from the beginning.', {
      column: 'effective',
      value: 'lower(t.effective)',
      optional: true,
      imported: false,
    }),
    field.day('effectiveTo', 'The last such day; null: no end.', {
      column: 'effective',
      value: 'upper(t.effective) - 1',
      optional: true,
      imported: false,
    }),
    field.instant('lockedAt', 'When its first entry was recorded: from then on its values keep order and score.', {
      optional: true,
      imported: false,
    }),
    ...stamped,
    ...edited,
  ],
}

const scaleValues: ArchiveFile = {
  name: 'scale_values',
  table: 'scale_values',
  about: 'The values of each version of a scale.',
  isImported: true,
  order: ['scale_value_id'],
  fields: [
    field.number('scale_value_id'),
    field.reference('scale', 'scales', 'The version that it is of.', { column: 'scale_id' }),
    field.text('name', 200, 'Its name.', { column: 'value_name' }),
    field.integer('order', anyInteger, 'Its place: a higher one is better.', { column: 'value_order' }),
    field.decimal('score', 6, 'What it is worth, 0 to 1; all values of a version have one, or none.', {
      optional: true,
    }),
    field.decimal(
      'normalizedScore',
      6,
      'The score, else what follows from its place; an import works it out anew but for retired ones.',
    ),
    field.text('color', 7, 'Such as #2E7D32.', { optional: true }),
    field.lineage('lineage', 'The same number: the same value, continued from version to version.', {
      column: 'lineage_key',
      value: 't.lineage_number',
    }),
    field.instant('retiredAt', 'When it was taken out, before any entry used its version.', {
      column: 'deleted_at',
      optional: true,
    }),
    field.actor('retiredBy', 'Who took it out.', { column: 'deleted_by', optional: true }),
    ...edited,
  ],
  leftOut: { deed_id: 'the deed of its scale' },
  rows: `(select *, dense_rank() over (order by first_of_lineage) as lineage_number from (
    select *, min(scale_value_id) over (partition by lineage_key) as first_of_lineage from scale_values where user_id = $owner
  ) as with_first)`,
}

const value = (when: 'old' | 'new'): readonly field.Field[] => [
  field.reference(
    `${when}ScaleValue`,
    'scale_values',
    `The value ${when === 'old' ? 'before' : 'after'}, by a scale.`,
    {
      column: `${when}_values`,
      value: `(t.${when}_values ->> 'scale_value_id')::bigint`,
      optional: true,
      imported: false,
    },
  ),
  field.decimal(`${when}Count`, 3, 'The same, by a count.', {
    column: `${when}_values`,
    value: `(t.${when}_values ->> 'count_value')::numeric`,
    optional: true,
    imported: false,
  }),
  field.text(`${when}Notes`, 4_000, 'The note with it.', {
    column: `${when}_values`,
    value: `t.${when}_values ->> 'notes'`,
    optional: true,
    imported: false,
  }),
]

const entries: ArchiveFile = {
  name: 'entries',
  table: 'entries',
  about:
    'What was done on which day: at most one entry for an item and a day, with a value of a scale or a count. Also in `entries.csv`.',
  isImported: true,
  order: ['deed_item_id', 'entry_date'],
  leftOut: {
    value_version: 'what the owner does not see: the version to whoever may not read notes',
    value_updated_at: 'the same',
    value_updated_by_user_id: 'the same',
    value_origin: 'the same',
  },
  fields: [
    field.reference('item', 'deed_items', 'Its item.', { column: 'deed_item_id' }),
    field.day('date', 'Its day, on the calendar of the diary.', { column: 'entry_date' }),
    field.reference('scaleValue', 'scale_values', 'The value, by a scale.', {
      column: 'scale_value_id',
      tells: ['scale_id'],
      optional: true,
    }),
    field.decimal('count', 3, 'The value, by a count. 0 is one.', { column: 'count_value', optional: true }),
    field.text('notes', 4_000, 'The note.', { optional: true }),
    field.label('origin', origin, 'How the value came in.'),
    field.actor('createdBy', 'Who recorded the day first.', { column: 'created_by_user_id' }),
    field.actor('updatedBy', 'Who changed it last.', { column: 'updated_by_user_id' }),
    field.instant(
      'clearedAt',
      'When the day was cleared: it counts as not recorded, and the row has the last value. Null: it is recorded.',
      { column: 'deleted_at', optional: true },
    ),
    ...edited,
  ],
}

const entryHistory: ArchiveFile = {
  name: 'entry_history',
  table: 'entry_history',
  about: 'Every change of every entry. An import writes them with the origin IMPORTED, and who made them as text.',
  isImported: true,
  order: ['changed_at', 'entry_history_id'],
  fields: [
    field.reference('item', 'deed_items', 'The item of the entry.', { column: 'deed_item_id' }),
    field.day('date', 'The day of the entry.', { column: 'entry_date' }),
    field.label('action', action, 'What happened.'),
    ...value('old'),
    ...value('new'),
    field.actor('changedBy', 'Who did it.', {
      column: 'changed_by_user_id',
      tells: ['imported_actor'],
      named: 't.imported_actor',
      imported: false,
    }),
    field.instant('changedAt', 'When it was done.'),
    field.label('origin', origin, 'How it came in.', { imported: false }),
    field.label(
      'originBefore',
      origin,
      'How it had come in where it was imported from; null unless the origin is IMPORTED.',
      { column: 'imported_origin', optional: true, imported: false },
    ),
    field.integer('version', [1, 2_000_000_000], 'The version of the entry after it.'),
    field.text('ipAddress', 50, 'From where, when the owner of this archive did it.', {
      value: `case when t.changed_by_user_id = $owner then host(t.ip_address) end`,
      optional: true,
      imported: false,
    }),
    field.text('requestId', 200, 'The request that did it.', { optional: true, imported: false }),
  ],
  leftOut: { entry_history_id: 'a number of this database: rows stand in their order' },
}

export const diaryFiles: readonly ArchiveFile[] = [deletions, deeds, items, scales, scaleValues, entries, entryHistory]
