import { onePerKey } from '../../platform/database/batching.ts'
import type { Database } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { type ReminderKey, remindersByKeys } from './queries/reminders.ts'

export function reminderLoaders(db: Database, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** One of the viewer's own reminders. */
    reminder: onePerKey(
      (keys: readonly ReminderKey[]) =>
        remindersByKeys(
          db,
          keys.filter(({ ownerId }) => ownerId === viewerId),
        ),
      ({ ownerId, reminderId }): ReminderKey => ({ ownerId, reminderId }),
    ),
  }
}
