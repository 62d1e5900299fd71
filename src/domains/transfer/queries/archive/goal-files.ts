import type { ArchiveFile, Enum } from './fields.ts'
import * as field from './fields.ts'

const kind: Enum = ['goal_kind', ['MERIT', 'TARGET']]
const match: Enum = ['match_type', ['AND', 'OR']]
const metric: Enum = ['goal_metric', ['COUNT_SUM', 'SCALE_MATCH', 'DAYS_RECORDED']]
const comparator: Enum = ['goal_comparator', ['AT_LEAST', 'AT_MOST']]
const scaleMatch: Enum = ['scale_match', ['EXACT', 'AT_OR_ABOVE']]

const goals: ArchiveFile = {
  name: 'goals',
  table: 'goals',
  about: 'Merits, of one deed, and targets, of several. An import judges those that are not sealed anew.',
  isImported: true,
  order: ['goal_id'],
  fields: [
    field.number('goal_id'),
    field.label('kind', kind, 'A merit or a target.'),
    field.reference('deed', 'deeds', 'The deed of a merit.', { column: 'deed_id', optional: true }),
    field.text('title', 200, 'Its title.'),
    field.text('description', 2_000, 'Its description.', { optional: true }),
    field.label('match', match, 'Whether all of its items are asked for, or one.', { column: 'match_type' }),
    field.day('startDate', 'The first day of its window.'),
    field.day('endDate', 'The last day of its window.'),
    field.integer('durationDays', [1, 3_660], 'How many days that is.'),
    field.flag('isActive', 'False: put aside.'),
    field.instant('completedAt', 'When it was completed.', { optional: true }),
    field.day('completedOn', 'The day that first reached it.', { optional: true }),
    field.instant('sealedAt', 'When the window was over for 7 days: from then on its completion stays as it is.', {
      optional: true,
    }),
    field.integer('itemsVersion', [1, 2_000_000_000], 'Raised when its items are replaced.'),
    ...field.stamped,
    ...field.edited,
  ],
}

const goalItems: ArchiveFile = {
  name: 'goal_items',
  table: 'goal_items',
  about: 'What goals ask for.',
  isImported: true,
  order: ['goal_item_id'],
  fields: [
    field.reference('goal', 'goals', 'Its goal.', { column: 'goal_id' }),
    field.reference('item', 'deed_items', 'The item whose entries count.', { column: 'deed_item_id' }),
    field.flag('includesDescendants', 'Whether those below it count, too.'),
    field.label('metric', metric, 'What is added up.'),
    field.label('comparator', comparator, 'Whether the target is to be reached, or not to be exceeded.'),
    field.reference('scaleValue', 'scale_values', 'The value to match.', { column: 'scale_value_id', optional: true }),
    field.label('scaleMatch', scaleMatch, 'That value alone, or it and better ones.', { optional: true }),
    field.decimal('target', 3, 'How much.', { column: 'target_value' }),
    field.instant('deletedAt', 'When others took its place.', { optional: true }),
    field.actor('deletedBy', 'Who did that.', { optional: true }),
    ...field.edited,
  ],
  leftOut: { goal_item_id: 'a number of this database: rows stand in their order' },
}

export const goalFiles: readonly ArchiveFile[] = [goals, goalItems]
