import type {
  CalculationResolvers,
  MutationResolvers,
  ProjectResolvers,
  RequestCalculationInput,
} from '../../../generated/graphql.ts'
import { found, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { type CalculationRequest, requestCalculation } from '../calculations/requesting.ts'
import { calculationsPage } from '../queries/calculations.ts'
import type { ProjectKey } from '../queries/projects.ts'
import { checkedParameters } from '../rules/calculation-parameters.ts'
import { resultTypes } from '../rules/calculation-results.ts'
import { requireSurveys } from '../services.ts'

const pageSize = 20

export const calculationsOfProject: Pick<ProjectResolvers, 'calculations'> = {
  calculations: ({ ownerId, projectId }, { first, after = null }, { db, viewer }) =>
    calculationsPage(db.reading([ownerId]), someViewer(viewer).userId, {
      project: { ownerId, projectId },
      first: first ?? pageSize,
      after,
    }),
}

export const calculationFields: Partial<CalculationResolvers> = {
  id: (calculation) => toGlobalId('Calculation', calculation),
  progress: ({ progress }) => (progress === null ? null : Number(progress)),
  project: async ({ ownerId, projectId }, _args, { loaders }) =>
    found(await loaders.project.load({ ownerId, projectId })),
  scans: async ({ ownerId, calculationId }, _args, { loaders }) => {
    const keys = await loaders.scansOfCalculation.load({ ownerId, calculationId })
    const scans = await loaders.scan.loadMany(keys.map(({ scanId }) => ({ ownerId, scanId })))
    return scans.flatMap((scan) => {
      if (scan instanceof Error) throw scan
      return scan ?? []
    })
  },
  cellSize: ({ parameters }) => parameters.cellSize ?? null,
  baseHeight: ({ parameters }) => parameters.baseHeight ?? null,
  percentiles: ({ parameters: { percentiles } }) => (percentiles ? [...percentiles] : null),
  result: ({ kind, result }) => result && { ...result, __typename: resultTypes[kind] },
}

export const calculationMutations: Pick<MutationResolvers, 'requestCalculation'> = {
  async requestCalculation(_root, { input }, context) {
    const { userId } = someViewer(context.viewer)
    const project = fromGlobalId('Project', input.projectId, 'input.projectId')
    const request = requestOf(input, project)
    await requireSurveys(context)
    const owners = [project.ownerId]
    return {
      calculation: await context.transaction((tx) => requestCalculation(tx, userId, project, request), { owners }),
    }
  },
}

/** A scan of another owner's is none of the project's: its number is then one that no scan has. */
function requestOf({ kind, scanIds, ...asked }: RequestCalculationInput, { ownerId }: ProjectKey): CalculationRequest {
  const scans = scanIds.map((id, at) => fromGlobalId('Scan', id, `input.scanIds[${at}]`))
  return {
    kind,
    parameters: checkedParameters(kind, asked),
    scanIds: scans.map((scan) => (scan.ownerId === ownerId ? scan.scanId : '0')),
  }
}
