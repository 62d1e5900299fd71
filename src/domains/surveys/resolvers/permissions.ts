import type { Context } from '../../../context.ts'
import type { MutationResolvers, ProjectPermissionResolvers } from '../../../generated/graphql.ts'
import { notFound } from '../../../platform/graphql/errors.ts'
import { found, ownKey } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import type { ProjectPermissionKey } from '../queries/permissions.ts'
import { requireSurveys } from '../services.ts'
import { shareProject, unshareProject } from '../sharing-projects.ts'
import { ownProjectKey } from './projects.ts'

export const permissionFields: Partial<ProjectPermissionResolvers> = {
  id: (permission) => toGlobalId('ProjectPermission', permission),
  project: ({ ownerId, projectId }, _args, { loaders }) => loaders.project.load({ ownerId, projectId }),
  relation: async ({ ownerId, relationId }, _args, { loaders }) =>
    found(await loaders.relationOfGrant.load({ ownerId, relationId })),
  viewer: ({ requesterId }, _args, { loaders }) => loaders.user.load(requesterId),
}

export const permissionMutations: Pick<MutationResolvers, 'shareProject' | 'unshareProject'> = {
  async shareProject(_root, { input }, context) {
    const key = ownProjectKey(input.projectId, context)
    const relationId = receivedId(input.relationId, context)
    const sharing = { relationId, type: input.type, expiresAt: input.expiresAt ?? null }
    await requireSurveys(context)
    const projectPermissionId = await context.transaction((tx) => shareProject(tx, key, sharing))
    return { permission: await permissionNow({ ownerId: key.ownerId, projectPermissionId }, context) }
  },
  async unshareProject(_root, { input }, context) {
    const key = ownKey(fromGlobalId('ProjectPermission', input.permissionId, 'input.permissionId'), context.viewer)
    await requireSurveys(context)
    await context.transaction((tx) => unshareProject(tx, key))
    return { permission: await permissionNow(key, context) }
  },
}

/** Of a relation that was asked of the viewer: in one that they asked for themselves there is nothing to share. */
function receivedId(id: string, { viewer }: Context): string {
  const { direction, relationId } = ownKey(fromGlobalId('Relation', id, 'input.relationId'), viewer)
  if (direction !== 'received') throw notFound(undefined, { field: 'input.relationId' })
  return relationId
}

async function permissionNow(key: ProjectPermissionKey, { loaders }: Context) {
  return found(await loaders.projectPermission.load(key))
}
