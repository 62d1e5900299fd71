import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { tokenRefused, usernameTaken } from './registration.ts'

/** What broken constraints of identity's tables mean. */
export const identityConstraintErrors: ConstraintErrors = {
  users_username_key: () => usernameTaken('input.username'),
  token_used: () => tokenRefused(),
}
