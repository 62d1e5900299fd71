import type { PermissionType } from '../../generated/surveys.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import { conflict, notFound } from '../../platform/graphql/errors.ts'
import { checkVerified } from '../identity/queries/viewer.ts'
import { relationNotAccepted } from '../sharing/constraint-errors.ts'
import { holdReceived } from '../sharing/queries/requests.ts'
import {
  closeProjectPermission,
  countShared,
  type ProjectPermissionKey,
  writeProjectGrant,
} from './queries/permissions.ts'
import { holdProject, type ProjectKey } from './queries/projects.ts'

const mostProjects = 100

export interface ProjectSharing {
  /** The owner's side of a relation that was asked of them. */
  readonly relationId: string
  readonly type: PermissionType
  readonly expiresAt: string | null
}

/**
 * SHA-3 Shares one of the viewer's own projects with the requester of a relation; answers the permission's number. NOT_FOUND for relation
 * or project; CONFLICT: RELATION_NOT_ACCEPTED, TOO_MANY; FORBIDDEN, reason EMAIL_NOT_VERIFIED.
 */
export async function shareProject(
  tx: Transaction,
  key: ProjectKey,
  { relationId, type, expiresAt }: ProjectSharing,
): Promise<string> {
  await checkVerified(tx, key.ownerId)
  // The locks of both are taken at once, before what hangs from either is looked at.
  const relation = await holdReceived(tx, key.ownerId, relationId)
  const project = await holdProject(tx, key.ownerId, key)
  if (!project) throw notFound('There is no such project.', { field: 'input.projectId' })
  if (!relation) throw notFound('There is no such relation.', { field: 'input.relationId' })
  if (relation.status !== 'accepted') throw relationNotAccepted()
  if ((await countShared(tx, key, relationId)) >= mostProjects) {
    throw conflict(`At most ${mostProjects} projects are shared in a relation.`, {
      reason: 'TOO_MANY',
      field: 'input.relationId',
    })
  }
  return writeProjectGrant(tx, key, { relationId, requesterId: relation.requesterId, type, expiresAt })
}

/** SHA-9 Ends what was granted; what is over stays so. NOT_FOUND. */
export async function unshareProject(tx: Transaction, key: ProjectPermissionKey): Promise<void> {
  if (await closeProjectPermission(tx, key)) return
  throw notFound('There is no such permission.', { field: 'input.permissionId' })
}
