import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import { checkVerified } from '../identity/queries/viewer.ts'
import { relationNotAccepted } from './constraint-errors.ts'
import { closePermissions, firstOver, type Grant, itemsToGrant, writeGrants } from './queries/grants.ts'
import type { GrantingKey } from './queries/relations.ts'
import { holdReceived } from './queries/requests.ts'
import { checkEnds, checkGrants, checkItems } from './rules/grants.ts'

/**
 * SHA-3 Grants in a relation that was asked of the viewer, all or nothing; answers the permissions' ids in the order given. NOT_FOUND for
 * relation or item; BAD_USER_INPUT, OUT_OF_RANGE; CONFLICT: RELATION_NOT_ACCEPTED, ITEM_IS_PRIVATE, TOO_MANY; FORBIDDEN, reason EMAIL_NOT_VERIFIED.
 */
export async function grantPermissions(tx: Transaction, key: GrantingKey, grants: readonly Grant[]): Promise<string[]> {
  checkGrants(grants)
  await checkVerified(tx, key.ownerId)
  const relation = await holdReceived(tx, key.ownerId, key.relationId)
  if (!relation) throw notFound()
  if (relation.status !== 'accepted') throw relationNotAccepted()
  const itemIds = grants.map(({ itemId }) => itemId)
  checkEnds(await firstOver(tx, grants))
  checkItems(grants, await itemsToGrant(tx, key.ownerId, itemIds))
  const written = await writeGrants(tx, { ...key, requesterId: relation.requesterId }, grants)
  return itemIds.map((itemId) => {
    const permissionId = written.get(itemId)
    if (permissionId === undefined) throw new Error('A grant was not written.')
    return permissionId
  })
}

/** SHA-9 Revokes permissions that the owner granted; those that are over stay so. NOT_FOUND, naming the one that is none of theirs. */
export async function revokePermissions(tx: Transaction, ownerId: UserId, permissionIds: readonly string[]) {
  const known = await closePermissions(tx, ownerId, permissionIds)
  const missing = permissionIds.findIndex((permissionId) => !known.has(permissionId))
  if (missing >= 0) throw notFound(undefined, { field: `input.permissionIds[${missing}]` })
}
