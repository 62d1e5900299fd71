import type { Context } from '../../../context.ts'
import type { MutationResolvers, ScanMoveResolvers } from '../../../generated/graphql.ts'
import type { ScanMoveKind } from '../../../generated/surveys.ts'
import { found, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { requestMove } from '../moves.ts'
import { scanNow } from '../queries/scans.ts'
import { requireSurveys } from '../services.ts'

export const moveFields: Partial<ScanMoveResolvers> = {
  id: (move) => toGlobalId('ScanMove', move),
  progress: ({ progress }) => (progress === null ? null : Number(progress)),
  scan: async ({ ownerId, scanId }, _args, { loaders }) => found(await loaders.scan.load({ ownerId, scanId })),
}

export const moveMutations: Pick<MutationResolvers, 'archiveScan' | 'restoreScan'> = {
  archiveScan: (_root, { input }, context) => move(input.scanId, 'archive', context),
  restoreScan: (_root, { input }, context) => move(input.scanId, 'restore', context),
}

async function move(scanId: string, kind: ScanMoveKind, context: Context) {
  const { userId } = someViewer(context.viewer)
  const key = fromGlobalId('Scan', scanId, 'input.scanId')
  await requireSurveys(context)
  return context.transaction(
    async (tx) => ({ move: await requestMove(tx, userId, key, kind), scan: await scanNow(tx, userId, key) }),
    { owners: [key.ownerId] },
  )
}
