import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { emailTaken } from './change-email.ts'
import { tokenRefused, usernameTaken } from './registration.ts'

/** What broken constraints of identity's tables mean. */
export const identityConstraintErrors: ConstraintErrors = {
  users_username_key: () => usernameTaken('input.username'),
  users_email_key: () => emailTaken(),
  // PostgreSQL counts it as jsonb prints it: with spaces between, and large numbers in full.
  users_metadata_check: () =>
    badUserInput('A JSON object has at most 64 kB.', { reason: 'OUT_OF_RANGE', field: 'input.metadata' }),
  users_locale_check: () =>
    badUserInput('A locale is a BCP 47 tag such as ar-EG, of at most 35 characters.', {
      reason: 'INVALID_TEXT',
      field: 'input.locale',
    }),
  unknown_time_zone: () =>
    badUserInput('There is no such time zone: they have names such as Africa/Cairo.', {
      reason: 'UNKNOWN_TIME_ZONE',
      field: 'input.timeZone',
    }),
  token_used: () => tokenRefused(),
}
