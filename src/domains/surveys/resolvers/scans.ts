import type { AddScanInput, MutationResolvers, ScanResolvers, UpdateScanInput } from '../../../generated/graphql.ts'
import { badUserInput } from '../../../platform/graphql/errors.ts'
import { found, ownKey, someViewer } from '../../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { requireText } from '../../../platform/graphql/text.ts'
import type { ScanImportDraft, ScanImportRow } from '../queries/scan-imports.ts'
import type { GeoJson, ScanRow } from '../queries/scans.ts'
import { longestCrs } from '../rules/coordinate-systems.ts'
import { longest, type ScanDraft } from '../rules.ts'
import { askScanImport } from '../scan-imports/asking.ts'
import { addScan, deleteScan, restoreScan, updateScan } from '../scans.ts'
import { requireSurveys } from '../services.ts'
import { refuseNull } from './projects.ts'
import { fileOfScan } from './scan-files.ts'

export const scanFields: Partial<ScanResolvers> = {
  id: (scan) => toGlobalId('Scan', scan),
  project: async ({ ownerId, projectId }, _args, { loaders }) =>
    found(await loaders.project.load({ ownerId, projectId })),
  geometry: async ({ ownerId, scanId }, _args, { loaders }) =>
    (await loaders.geometryOfScan.load({ ownerId, scanId }))?.shape ?? null,
  footprint: async ({ ownerId, scanId }, _args, { loaders }) =>
    (await loaders.footprintOfScan.load({ ownerId, scanId }))?.shape ?? null,
  move: ({ ownerId, scanId }, _args, { loaders }) => loaders.lastMoveOfScan.load({ ownerId, scanId }),
  file: (scan, _args, context) => fileOfScan(scan, context),
}

export const scanMutations: Pick<MutationResolvers, 'addScan' | 'updateScan' | 'deleteScan' | 'restoreDeletedScan'> = {
  async addScan(_root, { input }, context) {
    const { userId } = someViewer(context.viewer)
    const key = fromGlobalId('Project', input.projectId, 'input.projectId')
    const draft = { name: nameOf(input.name), capturedAt: input.capturedAt ?? null, data: input.data ?? {} }
    const points = pointsOf(input)
    await requireSurveys(context)
    return context.transaction<{ scan?: ScanRow; import?: ScanImportRow }>(
      async (tx) =>
        'geometry' in points
          ? { scan: await addScan(tx, userId, key, { draft, ...points }) }
          : { import: await askScanImport(tx, userId, key, { ...draft, ...points }) },
      { owners: [key.ownerId] },
    )
  },
  async updateScan(_root, { input }, context) {
    const { userId } = someViewer(context.viewer)
    const key = fromGlobalId('Scan', input.scanId, 'input.scanId')
    const request = {
      changes: changesOf(input),
      geometry: input.geometry ?? null,
      expectedVersion: input.expectedVersion ?? null,
    }
    await requireSurveys(context)
    const owners = [key.ownerId]
    return { scan: await context.transaction((tx) => updateScan(tx, userId, key, request), { owners }) }
  },
  async deleteScan(_root, { input }, context) {
    const key = ownKey(fromGlobalId('Scan', input.scanId, 'input.scanId'), context.viewer)
    await requireSurveys(context)
    return { scan: await context.transaction((tx) => deleteScan(tx, key, input.expectedVersion ?? null)) }
  },
  async restoreDeletedScan(_root, { input }, context) {
    const key = ownKey(fromGlobalId('Scan', input.scanId, 'input.scanId'), context.viewer)
    await requireSurveys(context)
    return { scan: await context.transaction((tx) => restoreScan(tx, key)) }
  },
}

type GivenPoints = { geometry: GeoJson } | Pick<ScanImportDraft, 'uploadId' | 'format' | 'crs'>

/** A geometry, or a file that was sent. BAD_USER_INPUT, CONTRADICTORY, for both and for neither. */
function pointsOf({ geometry, uploadId, format, crs }: AddScanInput): GivenPoints {
  if (uploadId != null && geometry == null)
    return {
      uploadId,
      format: format ?? null,
      crs: crs == null ? null : requireText(crs, { field: 'input.crs', max: longestCrs }),
    }
  if (uploadId == null && geometry != null && format == null && crs == null) return { geometry }
  throw badUserInput('Give a `geometry`, or the `uploadId` of a file: `format` and `crs` are those of a file.', {
    reason: 'CONTRADICTORY',
    field: uploadId == null && geometry == null ? 'input.uploadId' : 'input.geometry',
  })
}

function nameOf(text: string): string {
  return requireText(text, { field: 'input.name', max: longest.name })
}

/** What is left out stays as it is. BAD_USER_INPUT, CANNOT_BE_NULL for all but the time. */
function changesOf(input: UpdateScanInput): Partial<ScanDraft> {
  refuseNull(input, ['name', 'data', 'geometry'])
  const { name, capturedAt, data } = input
  return {
    ...(name != null && { name: nameOf(name) }),
    ...(capturedAt !== undefined && { capturedAt }),
    ...(data != null && { data }),
  }
}
