import { analyticsJobs } from './domains/analytics/jobs.ts'
import { progressJobs } from './domains/progress/jobs.ts'
import { reminderJobs } from './domains/reminders/jobs.ts'
import { resourceJobs } from './domains/resources/jobs.ts'
import { retentionJobs } from './domains/retention/jobs.ts'
import { sharingJobs } from './domains/sharing/jobs.ts'
import { calculationJobs } from './domains/surveys/jobs/calculations.ts'
import { hillshadeJobs } from './domains/surveys/jobs/hillshades.ts'
import { lostWorkJobs } from './domains/surveys/jobs/lost-work.ts'
import { scanImportJobs } from './domains/surveys/jobs/scan-imports.ts'
import { tierJobs } from './domains/surveys/jobs/tiers.ts'
import { dataExportJobs } from './domains/transfer/jobs/data-exports.ts'
import { importJobs } from './domains/transfer/jobs/imports.ts'
import { uploadJobs } from './domains/uploads/jobs.ts'
import type { JobTools } from './job-tools.ts'
import { partitionJobs } from './platform/database/partitions.ts'
import type { Tasks } from './platform/jobs/tasks.ts'

/** All that is done behind requests' backs, from every domain, by the name that the queue has for it. */
export const jobs = {
  ...partitionJobs,
  ...progressJobs,
  ...reminderJobs,
  ...resourceJobs,
  ...dataExportJobs,
  ...retentionJobs,
  ...importJobs,
  ...scanImportJobs,
  ...uploadJobs,
  ...sharingJobs,
  ...analyticsJobs,
  ...tierJobs,
  ...calculationJobs,
  ...hillshadeJobs,
  ...lostWorkJobs,
} satisfies Tasks<JobTools>

export type JobName = keyof typeof jobs
