import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'

/** What broken constraints of resources mean to the caller. */
export const resourceConstraintErrors: ConstraintErrors = {
  too_many_resources: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  resources_metadata_check: () =>
    badUserInput('The metadata have numbers with too many digits: at most 128 kB when they are written out.', {
      reason: 'OUT_OF_RANGE',
      field: 'input.metadata',
    }),
}
