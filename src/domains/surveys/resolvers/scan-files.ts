import type { Context } from '../../../context.ts'
import type { MutationResolvers, Resolvers } from '../../../generated/graphql.ts'
import { found, someViewer } from '../../../platform/graphql/found.ts'
import { toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { requestUpload } from '../../uploads/requesting.ts'
import type { ScanFileRow } from '../queries/scan-files.ts'
import { requireAtHand } from '../rules/tiers.ts'
import { linkExpiry } from '../scan-links.ts'
import { requireSurveys } from '../services.ts'

type Three = [number, number, number]

export const scanFileTypes: Pick<Resolvers, 'ScanFile' | 'ScanImport'> = {
  ScanFile: {
    minimum: ({ bounds }) => positionOf(bounds.slice(0, 3) as Three),
    maximum: ({ bounds }) => positionOf(bounds.slice(3, 6) as Three),
    downloadUrl: (file, _args, { viewer, services }) => {
      const { userId, sessionId, role } = someViewer(viewer)
      requireAtHand(file)
      const { ownerId, scanId } = file
      const claim = { userId, sessionId, role, ownerId, scanId, expiresAt: linkExpiry(new Date()) }
      return `${services.publicUrl}/scans/${services.scanLinks.sign(claim)}`
    },
  },
  ScanImport: {
    id: (row) => toGlobalId('ScanImport', row),
    progress: ({ progress }) => (progress === null ? null : Number(progress)),
    project: async ({ ownerId, projectId }, _args, { loaders }) =>
      found(await loaders.project.load({ ownerId, projectId })),
    scan: ({ ownerId, scanId }, _args, { loaders }) =>
      scanId === null ? null : loaders.scan.load({ ownerId, scanId }),
  },
}

function positionOf([x, y, z]: Three) {
  return { x, y, z }
}

export const scanUploadMutations: Pick<MutationResolvers, 'requestScanUpload'> = {
  async requestScanUpload(_root, { input }, context) {
    const { viewer, transaction, services } = context
    await requireSurveys(context)
    return requestUpload(
      { viewer: someViewer(viewer), transaction, services },
      { fileName: input.fileName, purpose: 'scan' },
    )
  },
}

/** The file of a scan; null: it came without one. */
export async function fileOfScan(
  { ownerId, scanId }: { ownerId: string; scanId: string },
  { loaders }: Context,
): Promise<ScanFileRow | null> {
  return (await loaders.fileOfScan.load({ ownerId, scanId })) ?? null
}
