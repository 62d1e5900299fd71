import { type InferResult, sql } from 'kysely'
import type { PermissionType } from '../../../generated/surveys.ts'
import { anyOf, pairsIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { lockRelations } from '../../sharing/queries/requests.ts'
import type { ProjectKey } from './projects.ts'

export interface ProjectPermissionKey {
  readonly ownerId: UserId
  readonly projectPermissionId: string
}

/** Neither revoked nor run out. Of `project_permissions`. */
const isCurrent = sql<boolean>`(project_permissions.revoked_at is null
  and (project_permissions.expires_at is null or project_permissions.expires_at > now()))`

/** Of a project that is there; the requester sees it by this very permission. */
const isOfLiveProject = sql<boolean>`exists (
  select from projects
  where projects.user_id = project_permissions.user_id and projects.project_id = project_permissions.project_id
    and projects.deleted_at is null
)`

/** The permissions that the viewer granted, past ones among them; and those granted to them, while they show something (SHA-3, SHA-9). */
function visiblePermissions(db: Database, viewerId: UserId) {
  return db
    .selectFrom('project_permissions')
    .where(
      sql<boolean>`(project_permissions.user_id = ${viewerId}
        or (project_permissions.requester_id = ${viewerId} and ${isCurrent} and ${isOfLiveProject}))`,
    )
    .select([
      'project_permissions.user_id as ownerId',
      'project_permissions.project_permission_id as projectPermissionId',
      'project_permissions.project_id as projectId',
      'project_permissions.relation_id as relationId',
      'project_permissions.requester_id as requesterId',
      'project_permissions.permission_type as type',
      'project_permissions.expires_at as expiresAt',
      'project_permissions.granted_at as grantedAt',
      'project_permissions.revoked_at as revokedAt',
      sql<boolean>`(${isCurrent} and ${isOfLiveProject})`.as('isEffective'),
    ])
}

export type ProjectPermissionRow = InferResult<ReturnType<typeof visiblePermissions>>[number]

/** Where the key's owner is somebody else, the reader has declared them. */
export function projectPermissionsByKeys(
  db: Database,
  viewerId: UserId,
  keys: readonly ProjectPermissionKey[],
): Promise<ProjectPermissionRow[]> {
  const pairs = keys.map(({ ownerId, projectPermissionId }) => [ownerId, projectPermissionId] as const)
  return visiblePermissions(db, viewerId)
    .where(pairsIn(['project_permissions.user_id', 'project_permissions.project_permission_id'], pairs))
    .execute()
}

/** By whom some of the viewer's own projects are seen, or would be but for the time, in the order in which that was granted. */
export function accessToProjects(
  db: Database,
  ownerId: UserId,
  projectIds: readonly string[],
): Promise<ProjectPermissionRow[]> {
  return visiblePermissions(db, ownerId)
    .where('project_permissions.user_id', '=', ownerId)
    .where('project_permissions.project_id', '=', anyOf(projectIds))
    .where('project_permissions.revoked_at', 'is', null)
    .orderBy('project_permissions.granted_at')
    .orderBy('project_permissions.project_permission_id')
    .execute()
}

/** Who shares a project with the viewer now. */
export async function ownersSharingProjects(db: Database, viewerId: UserId): Promise<UserId[]> {
  const rows = await db
    .selectFrom('project_permissions')
    .where('requester_id', '=', viewerId)
    .where(isCurrent)
    .select('user_id as ownerId')
    .distinct()
    .execute()
  return rows.map(({ ownerId }) => ownerId)
}

/** What the requester of a relation may do with a project from now on, until it ends. */
export interface ProjectGrant {
  readonly relationId: string
  readonly requesterId: UserId
  readonly type: PermissionType
  readonly expiresAt: string | null
}

/** How many projects are shared in a relation, besides this one. */
export async function countShared(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  relationId: string,
): Promise<number> {
  const { count } = await tx
    .selectFrom('project_permissions')
    .where('user_id', '=', ownerId)
    .where('relation_id', '=', relationId)
    .where('revoked_at', 'is', null)
    .where('project_id', '<>', projectId)
    .select(sql<string>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Makes the permission what the grant says: closes one that differs and writes the next; the same stays. Answers its number. */
export async function writeProjectGrant(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  { relationId, requesterId, type, expiresAt }: ProjectGrant,
): Promise<string> {
  const open = () =>
    tx
      .selectFrom('project_permissions')
      .where('user_id', '=', ownerId)
      .where('relation_id', '=', relationId)
      .where('project_id', '=', projectId)
      .where('revoked_at', 'is', null)
      .select('project_permission_id as id')
      .executeTakeFirst()
  await sql`
    update project_permissions set revoked_at = now()
    where user_id = ${ownerId} and relation_id = ${relationId} and project_id = ${projectId} and revoked_at is null
      and (permission_type, expires_at) is distinct from (${type}::permission_type, ${expiresAt}::timestamptz)`.execute(
    tx,
  )
  const same = await open()
  if (same) return same.id
  const made = await tx
    .insertInto('project_permissions')
    .values({
      user_id: ownerId,
      relation_id: relationId,
      requester_id: requesterId,
      project_id: projectId,
      permission_type: type,
      expires_at: expiresAt,
    })
    .returning('project_permission_id as id')
    .executeTakeFirstOrThrow()
  return made.id
}

/** SHA-9 Closes a permission of the owner's, unless it is closed; false where there is none such. */
export async function closeProjectPermission(
  tx: Database,
  { ownerId, projectPermissionId }: ProjectPermissionKey,
): Promise<boolean> {
  const ofPermission = { user_id: ownerId, project_permission_id: projectPermissionId }
  const known = await tx
    .selectFrom('project_permissions')
    .where((eb) => eb.and(ofPermission))
    .select('relation_id as relationId')
    .executeTakeFirst()
  if (!known) return false
  await lockRelations(tx, ownerId, [known.relationId])
  await tx
    .updateTable('project_permissions')
    .where((eb) => eb.and(ofPermission))
    .where('revoked_at', 'is', null)
    .set({ revoked_at: sql<string>`now()` })
    .execute()
  return true
}
