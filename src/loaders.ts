import { dashboardLoaders } from './domains/dashboard/loaders.ts'
import { deedLoaders } from './domains/deeds/loaders.ts'
import { entryLoaders } from './domains/entries/loaders.ts'
import { identityLoaders } from './domains/identity/loaders.ts'
import { journalLoaders } from './domains/journal/loaders.ts'
import { progressLoaders } from './domains/progress/loaders.ts'
import { reminderLoaders } from './domains/reminders/loaders.ts'
import { resourceLoaders } from './domains/resources/loaders.ts'
import { settingLoaders } from './domains/settings/loaders.ts'
import { sharingLoaders } from './domains/sharing/loaders.ts'
import { statisticsLoaders } from './domains/statistics/loaders.ts'
import { supportLoaders } from './domains/support/loaders.ts'
import type { ViewerDatabase } from './platform/database/viewer-database.ts'
import type { Viewer } from './platform/viewer.ts'

/** All batched reads of a request, each domain's beside the others'. */
export function makeLoaders(db: ViewerDatabase, viewer: Viewer | null) {
  return {
    ...identityLoaders(db, viewer),
    ...settingLoaders(db, viewer),
    ...supportLoaders(db, viewer),
    ...sharingLoaders(db, viewer),
    ...deedLoaders(db, viewer),
    ...entryLoaders(db, viewer),
    ...journalLoaders(db, viewer),
    ...resourceLoaders(db, viewer),
    ...progressLoaders(db, viewer),
    ...statisticsLoaders(db, viewer),
    ...dashboardLoaders(db, viewer),
    ...reminderLoaders(db, viewer),
  }
}

export type Loaders = ReturnType<typeof makeLoaders>
