import type { Context } from '../../../context.ts'
import type {
  ProjectFilter as AskedFilter,
  MutationResolvers,
  ProjectResolvers,
  UpdateProjectInput,
} from '../../../generated/graphql.ts'
import { badUserInput } from '../../../platform/graphql/errors.ts'
import { found, ownKey, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { requireText } from '../../../platform/graphql/text.ts'
import { createProject, deleteProject, restoreProject, updateProject } from '../projects.ts'
import type { ProjectFilter, ProjectKey } from '../queries/projects.ts'
import { scansPage } from '../queries/scans.ts'
import { isEmpty, noFilter } from '../rules/scan-filter.ts'
import { longest, type ProjectDraft, rightsIn } from '../rules.ts'
import { requireSurveys } from '../services.ts'
import { scanFilterOf } from './scan-filter.ts'

const pageSize = 20

export const projectFields: Partial<ProjectResolvers> = {
  id: (project) => toGlobalId('Project', project),
  owner: async ({ ownerId }, _args, { loaders }) => found(await loaders.user.load(ownerId)),
  viewerMay: (project) => rightsIn(project),
  async scans({ ownerId, projectId }, { filter, orderBy, first, after = null }, { db, viewer, loaders }) {
    const project = { ownerId, projectId }
    const wanted = filter ? scanFilterOf(filter) : noFilter
    const order = orderBy ?? 'CAPTURED_DESC'
    const size = first ?? pageSize
    if (isEmpty(wanted) && after === null)
      return found(await loaders.firstScansOfProject.load({ ...project, order, first: size })).page
    const reading = db.reading([ownerId])
    // What is searched may be slow: nobody waits behind it.
    const source = isEmpty(wanted) ? reading : reading.long
    return scansPage(source, someViewer(viewer).userId, { project, filter: wanted, order }, { first: size, after })
  },
  access: ({ isOwn, projectId }, _args, { loaders }) => (isOwn ? loaders.accessToProject.load(projectId) : []),
  bounds: ({ ownerId, projectId }, _args, { loaders }) => loaders.boundsOfProject.load({ ownerId, projectId }),
}

export const projectMutations: Pick<
  MutationResolvers,
  'createProject' | 'updateProject' | 'deleteProject' | 'restoreProject'
> = {
  async createProject(_root, { input }, context) {
    const { userId } = someViewer(context.viewer)
    const draft = {
      name: texts.name(input.name),
      description: input.description == null ? null : texts.description(input.description),
      metadata: input.metadata ?? {},
    }
    await requireSurveys(context)
    return { project: await context.transaction((tx) => createProject(tx, userId, draft)) }
  },
  async updateProject(_root, { input }, context) {
    const key = ownProjectKey(input.projectId, context)
    const request = { changes: changesOf(input), expectedVersion: input.expectedVersion ?? null }
    await requireSurveys(context)
    return { project: await context.transaction((tx) => updateProject(tx, key, request)) }
  },
  async deleteProject(_root, { input }, context) {
    const key = ownProjectKey(input.projectId, context)
    await requireSurveys(context)
    return { project: await context.transaction((tx) => deleteProject(tx, key, input.expectedVersion ?? null)) }
  },
  async restoreProject(_root, { input }, context) {
    const key = ownProjectKey(input.projectId, context)
    await requireSurveys(context)
    return { project: await context.transaction((tx) => restoreProject(tx, key)) }
  },
}

/** A project of the viewer's own, by `input.projectId`. */
export function ownProjectKey(id: string, { viewer }: Context): ProjectKey {
  return ownKey(fromGlobalId('Project', id, 'input.projectId'), viewer)
}

export function projectFilterOf({ isDeleted, isShared, text }: AskedFilter): ProjectFilter {
  return {
    isDeleted: isDeleted ?? false,
    isShared: isShared ?? null,
    text: text == null ? null : requireText(text, { field: 'filter.text', max: longest.text }),
  }
}

const texts = {
  name: (text: string) => requireText(text, { field: 'input.name', max: longest.name }),
  description: (text: string) => requireText(text, { field: 'input.description', max: longest.description }),
}

/** What is left out stays as it is. BAD_USER_INPUT, CANNOT_BE_NULL for all but the description. */
function changesOf(input: UpdateProjectInput): Partial<ProjectDraft> {
  refuseNull(input, ['name', 'metadata'])
  const { name, description, metadata } = input
  return {
    ...(name != null && { name: texts.name(name) }),
    ...(description !== undefined && { description: description && texts.description(description) }),
    ...(metadata != null && { metadata }),
  }
}

/** BAD_USER_INPUT, CANNOT_BE_NULL. */
export function refuseNull<Input extends object>(input: Input, names: readonly (keyof Input & string)[]): void {
  const name = names.find((each) => input[each] === null)
  if (name === undefined) return
  throw badUserInput(`\`${name}\` may be left out, and then stays as it is; it can’t be null.`, {
    reason: 'CANNOT_BE_NULL',
    field: `input.${name}`,
  })
}
