import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found } from '../../platform/graphql/found.ts'
import { fromGlobalId } from '../../platform/graphql/global-ids.ts'
import { type ProjectKey, projectsPage } from './queries/projects.ts'
import type { ScanKey } from './queries/scans.ts'
import { projectFields, projectFilterOf, projectMutations } from './resolvers/projects.ts'
import { scanFields, scanMutations } from './resolvers/scans.ts'
import { requireSurveys } from './services.ts'

const pageSize = 20

export const resolvers: Resolvers = {
  Query: {
    async project(_root, { id }, context) {
      const key = fromGlobalId('Project', id, 'id')
      await requireSurveys(context)
      return found(await context.loaders.project.load(key), 'id')
    },
  },

  Account: {
    async projects({ userId }, { filter, orderBy, first, after = null }, context) {
      const wanted = projectFilterOf(filter ?? {})
      await requireSurveys(context)
      return projectsPage(context.db, userId, {
        filter: wanted,
        order: orderBy ?? 'CREATED_DESC',
        first: first ?? pageSize,
        after,
      })
    },
  },

  Project: projectFields,
  Scan: scanFields,

  Mutation: { ...projectMutations, ...scanMutations },
}

/** How `node(id:)` reads this domain's objects. */
export const surveyNodes = {
  Project: async (key: ProjectKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.project.load(key)
  },
  Scan: async (key: ScanKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.scan.load(key)
  },
}
