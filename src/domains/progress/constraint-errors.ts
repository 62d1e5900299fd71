import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'

/** What broken rules of goals mean to the caller. */
export const progressConstraintErrors: ConstraintErrors = {
  not_of_deed: (error) => badUserInput(error.message, { reason: 'INVALID_GOAL', field: 'input.items' }),
  too_many_goal_items: (error) => conflict(error.message, { reason: 'TOO_MANY', field: 'input.items' }),
}
