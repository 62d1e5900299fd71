import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'

/** What a broken rule of relations and permissions means to the caller. */
export const sharingConstraintErrors: ConstraintErrors = {
  relation_with_oneself: () =>
    badUserInput('This is yourself: what is your own needs no asking.', {
      reason: 'RELATION_WITH_ONESELF',
      field: 'input.to',
    }),
  relation_step: (error) => conflict(error.message, { reason: 'RELATION_ANSWERED' }),
  relation_not_accepted: () => relationNotAccepted(),
  too_many_relations: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
  too_many_permissions: (error) => conflict(error.message, { reason: 'TOO_MANY', field: 'input.permissions' }),
  permissions_expires_check: () =>
    badUserInput('expiresAt is in the future, or left out.', { reason: 'OUT_OF_RANGE', field: 'input.permissions' }),
}

/** CONFLICT, reason RELATION_NOT_ACCEPTED. */
export function relationNotAccepted() {
  return conflict('Only in an accepted relation is something shared.', {
    reason: 'RELATION_NOT_ACCEPTED',
    field: 'input.relationId',
  })
}
