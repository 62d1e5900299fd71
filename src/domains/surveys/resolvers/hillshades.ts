import type { HillshadeResolvers, MutationResolvers, ScanResolvers } from '../../../generated/graphql.ts'
import { someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { requestHillshade } from '../hillshades/requesting.ts'
import { requireSurveys } from '../services.ts'

export const hillshadeOfScan: Pick<ScanResolvers, 'hillshade'> = {
  hillshade: ({ ownerId, scanId }, _args, { loaders }) => loaders.hillshadeOfScan.load({ ownerId, scanId }),
}

export const hillshadeFields: Partial<HillshadeResolvers> = {
  id: (hillshade) => toGlobalId('Hillshade', hillshade),
  progress: ({ progress }) => (progress === null ? null : Number(progress)),
  scan: ({ ownerId, scanId }, _args, { loaders }) => loaders.scan.load({ ownerId, scanId }),
  bounds({ ownerId, projectId, corners }) {
    const [west, south, east, north] = corners ?? []
    if (west === undefined || south === undefined || east === undefined || north === undefined) return null
    return { ownerId, projectId, west, south, east, north }
  },
  url: (hillshade, _args, { services }) =>
    hillshade.status === 'succeeded'
      ? `${services.publicUrl}/hillshades/${services.surveys.hillshadeLinks.sign(hillshade, new Date())}`
      : null,
}

export const hillshadeMutations: Pick<MutationResolvers, 'requestHillshade'> = {
  async requestHillshade(_root, { input }, context) {
    const { userId } = someViewer(context.viewer)
    const key = fromGlobalId('Scan', input.scanId, 'input.scanId')
    await requireSurveys(context)
    const owners = [key.ownerId]
    return { hillshade: await context.transaction((tx) => requestHillshade(tx, userId, key), { owners }) }
  },
}
