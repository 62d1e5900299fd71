import type { JobName } from './jobs.ts'
import type { Schedule } from './platform/jobs/tasks.ts'

/** When what is done again and again. The clock is UTC; a run that was missed while no worker ran is made up for at its start. */
export const schedules: readonly Schedule<JobName>[] = [
  {
    task: 'settle_goals',
    cron: '3 * * * *',
    purpose: 'GOAL-6 Goals whose window ended before their owner’s today are judged, and sealed 7 days later.',
    atStart: true,
  },
  {
    task: 'end_unanswered_requests',
    cron: '50 1 * * *',
    purpose: 'SHA-2 Requests that nobody answered in 30 days, which no list shows any more, are ended.',
  },
  {
    task: 'make_partitions',
    cron: '20 2 * * *',
    purpose: 'The partitions of the coming years and months are there before the first row for them.',
    atStart: true,
  },
  {
    task: 'fire_reminders',
    cron: '* * * * *',
    purpose: 'REM-1, REM-2 Reminders that are due are sent, and who reached a goal is told.',
    atStart: true,
  },
  {
    task: 'reseal_push_keys',
    cron: '40 3 * * *',
    purpose: 'Keys of devices are sealed by the newest key, long before an older one is removed.',
  },
  {
    task: 'reseal_resources',
    cron: '45 3 * * *',
    purpose: 'Sensitive resources are sealed by the newest key, long before an older one is removed.',
  },
  {
    task: 'expire_exports',
    cron: '40 * * * *',
    purpose: 'Exports that are seven days old are removed, and what is left of those that were never finished.',
  },
  {
    task: 'keep_statistics',
    cron: '15 * * * *',
    purpose: 'The totals for analysts follow what was recorded, changed and deleted, for whichever day.',
    atStart: true,
  },
  {
    task: 'purge_deletions',
    cron: '40 2 * * *',
    purpose: 'TREE-4 What was deleted 90 days ago, and not taken back, goes for good, with entries and history.',
  },
  {
    task: 'forget_expired',
    cron: '50 2 * * *',
    purpose:
      'Links, failures to log in, keys of requests, sessions, jobs and changes are kept as long as they are of use.',
  },
  {
    task: 'erase_accounts',
    cron: '10 * * * *',
    purpose: 'Accounts whose owners closed them 30 days ago are erased, with all that they hold.',
    atStart: true,
  },
  {
    task: 'remove_old_uploads',
    cron: '40 * * * *',
    purpose: 'Files that were sent to be imported go after a day, imported or not.',
  },
  {
    task: 'archive_unread_scans',
    cron: '10 3 * * *',
    purpose: 'SUR-1 Points of scans that nobody has read for 90 days go into the archive.',
  },
  {
    task: 'remove_stray_points',
    cron: '0 3 * * *',
    purpose: 'Points that no scan names go: those of scans that were purged, and what was left half done.',
  },
  {
    task: 'end_lost_survey_work',
    cron: '30 * * * *',
    purpose:
      'SUR-1 Imports, moves, calculations and hillshades that nobody could do within a day are given up, and say so.',
  },
]
