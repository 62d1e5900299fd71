import { manyPerKey, onePerKey } from '../../platform/database/batching.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { type PermissionKey, permissionsByKeys, permissionsOfRelations, viewersOfItems } from './queries/permissions.ts'
import {
  type GrantingKey,
  type RelationKey,
  relationsByKeys,
  relationsOfGrants,
  relationsWith,
} from './queries/relations.ts'
import { accessToItems } from './queries.ts'
import { type Access, type AccessKey, noAccess, ownersAccess } from './rules.ts'

export function sharingLoaders(db: Database, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** What the viewer may do with an item; never null. It says nothing about whether an item of one's own exists. */
    itemAccess: onePerKey(
      (keys: readonly AccessKey[]) => accessOf(db, viewerId, keys),
      ({ ownerId, itemId }): AccessKey => ({ ownerId, itemId }),
    ),
    /** Who sees an item of the viewer's own, and by which permission. */
    viewersOfItem: manyPerKey(
      (itemIds: readonly string[]) => viewersOfItems(db, viewerId, itemIds),
      ({ itemId }) => itemId,
    ),
    /** A relation by the viewer's own side of it. */
    relation: onePerKey(
      (keys: readonly RelationKey[]) => relationsByKeys(db, viewerId, keys),
      ({ ownerId, direction, relationId }): RelationKey => ({ ownerId, direction, relationId }),
    ),
    /** The relation that a permission stands on. */
    relationOfGrant: onePerKey(
      (keys: readonly GrantingKey[]) => relationsOfGrants(db, viewerId, keys),
      ({ requesteeId, grantedById }): GrantingKey => ({ ownerId: requesteeId ?? '', relationId: grantedById ?? '' }),
    ),
    /** Relations between the viewer and a person, the latest first. */
    relationsWith: manyPerKey(
      (userIds: readonly UserId[]) => relationsWith(db, viewerId, userIds),
      (relation) => relation.otherId,
    ),
    permission: onePerKey(
      (keys: readonly PermissionKey[]) => permissionsByKeys(db, viewerId, keys),
      ({ ownerId, permissionId }): PermissionKey => ({ ownerId, permissionId }),
    ),
    /** What is granted now in a relation. */
    permissionsOfRelation: manyPerKey(
      (keys: readonly GrantingKey[]) => permissionsOfRelations(db, viewerId, keys),
      ({ ownerId, relationId }): GrantingKey => ({ ownerId, relationId }),
    ),
  }
}

/** An answer for every key: the viewer's own without asking, the rest by one statement. */
async function accessOf(db: Database, viewerId: UserId, keys: readonly AccessKey[]): Promise<Access[]> {
  const own = keys.filter((key) => key.ownerId === viewerId)
  const others = keys.filter((key) => key.ownerId !== viewerId)
  const granted = others.length > 0 ? await accessToItems(db, viewerId, others) : []
  // Later answers for a key replace earlier ones.
  return [...own.map(ownersAccess), ...others.map(noAccess), ...granted.map((access) => ({ ...access, mayRead: true }))]
}
