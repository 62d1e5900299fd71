import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'

const tooLarge = () =>
  badUserInput('The value has numbers with too many digits: at most 128 kB when they are written out.', {
    reason: 'OUT_OF_RANGE',
    field: 'input.value',
  })

/** What broken constraints of settings mean to the caller. */
export const settingConstraintErrors: ConstraintErrors = {
  too_many_settings: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  too_many_user_settings: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  user_settings_too_large: (error) => conflict(error.message, { reason: 'TOO_MANY', field: 'input.value' }),
  settings_value_check: tooLarge,
  user_settings_value_check: tooLarge,
  settings_json_schema_check: () =>
    badUserInput('The schema has numbers with too many digits: at most 32 kB when they are written out.', {
      reason: 'INVALID_SCHEMA',
      field: 'input.jsonSchema',
    }),
}
