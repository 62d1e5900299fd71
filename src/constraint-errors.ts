import { deedConstraintErrors } from './domains/deeds/queries/constraint-errors.ts'
import { entryConstraintErrors } from './domains/entries/refusals.ts'
import { identityConstraintErrors } from './domains/identity/constraint-errors.ts'
import { progressConstraintErrors } from './domains/progress/constraint-errors.ts'
import { reminderConstraintErrors } from './domains/reminders/constraint-errors.ts'
import { resourceConstraintErrors } from './domains/resources/constraint-errors.ts'
import { settingConstraintErrors } from './domains/settings/constraint-errors.ts'
import { sharingConstraintErrors } from './domains/sharing/constraint-errors.ts'
import { supportConstraintErrors } from './domains/support/constraint-errors.ts'
import { surveyConstraintErrors } from './domains/surveys/constraint-errors.ts'
import type { ConstraintErrors } from './platform/database/database-errors.ts'

/** What a broken constraint means to the caller, by its name: each domain's beside the others'. */
export const constraintErrors: ConstraintErrors = {
  ...identityConstraintErrors,
  ...settingConstraintErrors,
  ...supportConstraintErrors,
  ...sharingConstraintErrors,
  ...deedConstraintErrors,
  ...entryConstraintErrors,
  ...resourceConstraintErrors,
  ...surveyConstraintErrors,
  ...progressConstraintErrors,
  ...reminderConstraintErrors,
}
