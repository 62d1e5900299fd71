import { type FirstOf, firstPages, onePerKey } from '../../platform/database/batching.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import {
  firstMessagesOfThreads,
  type MessageKey,
  messagesByKeys,
  namesOfPeople,
  type ThreadKey,
  threadsByKeys,
  unreadAnswers,
} from './queries.ts'

export function supportLoaders(db: Database, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** A message of the viewer's; for support, of anybody's. */
    message: onePerKey(
      (keys: readonly MessageKey[]) => messagesByKeys(db, viewerId, keys),
      ({ ownerId, messageId }): MessageKey => ({ ownerId, messageId }),
    ),
    /** How many answers the viewer has not read; null: none. */
    unreadAnswers: onePerKey(
      (ownerIds: readonly UserId[]) => unreadAnswers(db, ownerIds),
      ({ ownerId }) => ownerId,
    ),
    /** For support alone. */
    thread: onePerKey(
      (keys: readonly ThreadKey[]) => threadsByKeys(db, viewerId, keys),
      ({ ownerId }): ThreadKey => ({ ownerId }),
    ),
    /** For support alone. */
    nameOfPerson: onePerKey(
      (ownerIds: readonly UserId[]) => namesOfPeople(db, ownerIds),
      ({ ownerId }) => ownerId,
    ),
    firstMessagesOfThread: onePerKey(
      (keys: readonly FirstOf<ThreadKey>[]) =>
        firstPages(keys, (some, first) => firstMessagesOfThreads(db, viewerId, some, first)),
      ({ key }) => key,
    ),
  }
}
