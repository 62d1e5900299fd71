import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found, someViewer } from '../../platform/graphql/found.ts'
import { fromGlobalId } from '../../platform/graphql/global-ids.ts'
import type { CalculationKey } from './queries/calculations.ts'
import type { HillshadeKey } from './queries/hillshades.ts'
import type { ScanMoveKey } from './queries/moves.ts'
import { ownersSharingProjects, type ProjectPermissionKey } from './queries/permissions.ts'
import { type ProjectKey, projectsPage } from './queries/projects.ts'
import type { ScanImportKey } from './queries/scan-imports.ts'
import { type ScanKey, scansPage } from './queries/scans.ts'
import { calculationFields, calculationMutations, calculationsOfProject } from './resolvers/calculations.ts'
import { hillshadeFields, hillshadeMutations, hillshadeOfScan } from './resolvers/hillshades.ts'
import { moveFields, moveMutations } from './resolvers/moves.ts'
import { permissionFields, permissionMutations } from './resolvers/permissions.ts'
import { projectFields, projectFilterOf, projectMutations } from './resolvers/projects.ts'
import { scanFileTypes, scanUploadMutations } from './resolvers/scan-files.ts'
import { scanFilterOf } from './resolvers/scan-filter.ts'
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
    async searchScans(_root, { filter, orderBy, first, after = null }, context) {
      const { userId } = someViewer(context.viewer)
      const wanted = scanFilterOf(filter)
      await requireSurveys(context)
      const sharers = await ownersSharingProjects(context.db, userId)
      const list = { project: null, filter: wanted, order: orderBy ?? 'CAPTURED_DESC' } as const
      return scansPage(context.db.reading(sharers).long, userId, list, { first: first ?? pageSize, after })
    },
  },

  Account: {
    async projects({ userId }, { filter, orderBy, first, after = null }, context) {
      const wanted = projectFilterOf(filter ?? {})
      await requireSurveys(context)
      const sharers = wanted.isShared === false ? [] : await ownersSharingProjects(context.db, userId)
      return projectsPage(context.db.reading(sharers), userId, {
        sharers,
        filter: wanted,
        order: orderBy ?? 'CREATED_DESC',
        first: first ?? pageSize,
        after,
      })
    },
  },

  Project: { ...projectFields, ...calculationsOfProject },
  Scan: { ...scanFields, ...hillshadeOfScan },
  ScanMove: moveFields,
  ProjectPermission: permissionFields,
  Calculation: calculationFields,
  Hillshade: hillshadeFields,

  ...scanFileTypes,

  Mutation: {
    ...projectMutations,
    ...scanMutations,
    ...permissionMutations,
    ...moveMutations,
    ...scanUploadMutations,
    ...calculationMutations,
    ...hillshadeMutations,
  },
}

/** How `node(id:)` reads this domain's objects. */
export const surveyNodes = {
  Project: async (key: ProjectKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.project.load(key)
  },
  ProjectPermission: async (key: ProjectPermissionKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.projectPermission.load(key)
  },
  Scan: async (key: ScanKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.scan.load(key)
  },
  ScanMove: async (key: ScanMoveKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.scanMove.load(key)
  },
  Calculation: async (key: CalculationKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.calculation.load(key)
  },
  Hillshade: async (key: HillshadeKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.hillshade.load(key)
  },
  ScanImport: async (key: ScanImportKey, context: Context) => {
    await requireSurveys(context)
    return context.loaders.scanImport.load(key)
  },
}
