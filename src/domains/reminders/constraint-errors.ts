import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { conflict } from '../../platform/graphql/errors.ts'

/** REM-1 CONFLICT, reason DAILY_REMINDER_EXISTS. */
export function dailyReminderExists(details: { reminderId?: string } = {}) {
  return conflict('There is an active reminder for every day already: change that one, or turn it off.', {
    reason: 'DAILY_REMINDER_EXISTS',
    ...details,
  })
}

/** What broken constraints of reminders mean to the caller. */
export const reminderConstraintErrors: ConstraintErrors = {
  // Two at once: who comes first is not known here.
  notifications_daily_key: () => dailyReminderExists(),
  too_many_reminders: (error) => conflict(error.message, { reason: 'TOO_MANY' }),
}
