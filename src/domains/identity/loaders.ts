import { onePerKey } from '../../platform/database/batching.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { accountsByIds, sessionsByIds, usersByIds } from './queries/viewer.ts'

export function identityLoaders(db: Database, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** A person whom the viewer may see. */
    user: onePerKey(
      (userIds: readonly UserId[]) => usersByIds(db, viewerId, userIds),
      ({ userId }) => userId,
    ),
    /** The viewer's own account. */
    account: onePerKey(
      (userIds: readonly UserId[]) => accountsByIds(db, viewerId, userIds),
      ({ userId }) => userId,
    ),
    /** One of the viewer's live sessions. */
    session: onePerKey(
      (sessionIds: readonly string[]) => sessionsByIds(db, viewerId, sessionIds),
      ({ sessionId }) => sessionId,
    ),
  }
}
