import { onePerKey } from '../../platform/database/batching.ts'
import type { Database } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { type ResourceKey, resourcesByKeys } from './queries.ts'

export function resourceLoaders(db: Database, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** One of the viewer's resources. */
    resource: onePerKey(
      (keys: readonly ResourceKey[]) => resourcesByKeys(db, viewerId, keys),
      ({ ownerId, resourceId }): ResourceKey => ({ ownerId, resourceId }),
    ),
  }
}
