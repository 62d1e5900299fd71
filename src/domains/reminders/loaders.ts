import { onePerKey } from '../../platform/database/batching.ts'
import type { Database } from '../../platform/database/types.ts'
import { ownKeys, type Viewer } from '../../platform/viewer.ts'
import { type ReminderKey, remindersByKeys } from './queries/reminders.ts'

export function reminderLoaders(db: Database, viewer: Viewer | null) {
  return {
    /** One of the viewer's own reminders. */
    reminder: onePerKey(
      (keys: readonly ReminderKey[]) => remindersByKeys(db, ownKeys(keys, viewer)),
      ({ ownerId, reminderId }): ReminderKey => ({ ownerId, reminderId }),
    ),
  }
}
