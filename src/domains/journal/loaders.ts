import { onePerKey } from '../../platform/database/batching.ts'
import type { Database } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { type ReflectionKey, reflectionsByKeys } from './queries.ts'

export function journalLoaders(db: Database, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** One of the viewer's reflections. */
    reflection: onePerKey(
      (keys: readonly ReflectionKey[]) => reflectionsByKeys(db, viewerId, keys),
      ({ ownerId, reflectionId }): ReflectionKey => ({ ownerId, reflectionId }),
    ),
  }
}
