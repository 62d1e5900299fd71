import { onePerKey } from '../../platform/database/batching.ts'
import type { Database } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { settingsByKeys } from './queries.ts'

export function settingLoaders(db: Database, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** SET-1 A setting by its key: the viewer's own, else that of the service. */
    setting: onePerKey(
      (keys: readonly string[]) => settingsByKeys(db, viewerId, keys),
      ({ key }) => key,
    ),
  }
}
