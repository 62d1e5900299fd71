import type { KeptKind, KeptRows } from '../../platform/cache/kept-rows.ts'
import { onePerKey } from '../../platform/database/batching.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import {
  type ResourceKey,
  type ResourceRow,
  type ResourceVersion,
  resourcesByKeys,
  resourceVersionsByKeys,
} from './queries.ts'

export function resourceLoaders(db: Database, viewer: Viewer | null, kept: KeptRows | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** One of the viewer's resources. */
    resource: onePerKey(
      (keys: readonly ResourceKey[]) =>
        kept ? keptResources(kept, { db, viewerId, keys }) : resourcesByKeys(db, viewerId, keys),
      ({ ownerId, resourceId }): ResourceKey => ({ ownerId, resourceId }),
    ),
  }
}

const halfAnHour = 30 * 60_000

interface Wanted {
  readonly db: Database
  readonly viewerId: UserId
  readonly keys: readonly ResourceKey[]
}

async function keptResources(kept: KeptRows, { db, viewerId, keys }: Wanted): Promise<ResourceRow[]> {
  const kind: KeptKind<ResourceVersion, ResourceRow> = {
    name: 'resource',
    keepMs: halfAnHour,
    versionOf: ({ ownerId, resourceId, version, updatedAt, keyId }) => [ownerId, resourceId, version, updatedAt, keyId],
    read: (versions) => resourcesByKeys(db, viewerId, versions),
    isSame: (version, row) => version.ownerId === row.ownerId && version.resourceId === row.resourceId,
  }
  const rows = await kept.rowsOf(kind, await resourceVersionsByKeys(db, viewerId, keys))
  return rows.filter((row) => row !== null)
}
