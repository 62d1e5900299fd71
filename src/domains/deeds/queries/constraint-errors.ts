import pg from 'pg'
import type { ConstraintErrors } from '../../../platform/database/database-errors.ts'
import { badUserInput, conflict } from '../../../platform/graphql/errors.ts'

const itemNames = 'deed_items_name_key'

/** What a broken rule of deeds, items and scales means to the caller. */
export const deedConstraintErrors: ConstraintErrors = {
  deeds_name_key: () => duplicateName('input.name'),
  [itemNames]: () => duplicateName('input.name'),
  too_many_deeds: (error) => tooMany(error),
  too_many_items: (error) => tooMany(error),
  too_many_scales: (error) => tooMany(error),
  too_many_scale_values: (error) => tooMany(error),
  measure_fixed: (error) => conflict(error.message, { reason: 'MEASURE_IN_USE', field: 'input.measure' }),
  scale_locked: (error) => conflict(error.message, { reason: 'SCALE_IN_USE' }),
  // A value that was retired comes back among others that have come since.
  scale_values_order_key: () =>
    conflict('Another value has taken its place.', { reason: 'CONTRADICTORY', field: 'input.isRetired' }),
  scores_all_or_none: (error) => conflict(error.message, { reason: 'CONTRADICTORY', field: 'input.isRetired' }),
  scale_values_color_check: () =>
    badUserInput('A colour is #RRGGBB.', { reason: 'INVALID_TEXT', field: 'input.scale' }),
}

/** The same statement, whose refusal for a name that a sibling has (TREE-3) tells the argument that brought it. */
export async function namingField<Result>(field: string, statement: Promise<Result>): Promise<Result> {
  try {
    return await statement
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.constraint === itemNames) throw duplicateName(field)
    throw error
  }
}

/** The same statement, whose refusal for what has come in the place of something deleted names that. */
export async function namingDeletion<Result>(label: string, statement: Promise<Result>): Promise<Result> {
  try {
    return await statement
  } catch (error) {
    const refusal = error instanceof pg.DatabaseError && restoreErrors[error.constraint ?? '']
    throw refusal ? refusal(label) : error
  }
}

const field = 'input.deletionId'
const nameTaken = (label: string) =>
  conflict(`Where "${label}" belongs there is another one of its name: rename that one first.`, {
    reason: 'DUPLICATE_NAME',
    field,
  })
const importedAgain = (label: string) =>
  conflict(`"${label}" was imported anew since it was deleted: delete what the import made first.`, {
    reason: 'IMPORTED_AGAIN',
    field,
  })
const restoreErrors: Record<string, typeof nameTaken> = {
  deeds_name_key: nameTaken,
  [itemNames]: nameTaken,
  deeds_external_key_key: importedAgain,
  deed_items_external_key_key: importedAgain,
  parent_deleted: (label) =>
    conflict(`What "${label}" belongs to is deleted: restore that first.`, { reason: 'PARENT_DELETED', field }),
}

/** CONFLICT, DUPLICATE_NAME; `field` is the argument that brought the name. */
export function duplicateName(field: string) {
  return conflict('The name is taken.', { reason: 'DUPLICATE_NAME', field })
}

function tooMany(error: pg.DatabaseError) {
  return conflict(error.message, { reason: 'TOO_MANY' })
}
