import type { Context } from '../../../context.ts'
import type { Resolvers } from '../../../generated/graphql.ts'
import { someViewer } from '../../../platform/graphql/found.ts'
import { jobFields } from '../../../platform/graphql/jobs.ts'
import type { JobKey } from '../../../platform/jobs/job-rows.ts'
import { ownKeys } from '../../../platform/viewer.ts'
import { requestExport } from '../data-exports.ts'
import { type DataExportRow, exportsByKeys, exportsOfOwner } from '../queries/data-exports.ts'

/** As many as a day can have, and one from before. */
const mostShown = 6

export const dataExportResolvers: Resolvers = {
  Account: {
    dataExports: ({ userId }, _args, { db }) => exportsOfOwner(db, userId, mostShown),
  },
  DataExport: {
    ...jobFields('DataExport'),
    downloadUrl: (row, _args, { services }) => downloadUrlOf(row, services),
    bytes: ({ result }) => (result as Result)?.bytes ?? null,
    sha256: ({ result }) => (result as Result)?.sha256 ?? null,
  },
  Mutation: {
    async exportMyData(_root, _args, { viewer, transaction }) {
      const { userId } = someViewer(viewer)
      return { dataExport: await transaction((tx) => requestExport(tx, userId)) }
    },
  },
}

type Result = { readonly bytes: number; readonly sha256: string } | null

function downloadUrlOf(row: DataExportRow, { exportLinks, publicUrl }: Context['services']): string | null {
  const { status, expiresAt, ownerId, jobId } = row
  if (status !== 'succeeded' || expiresAt === null || new Date(expiresAt) <= new Date()) return null
  return `${publicUrl}/exports/${exportLinks.sign({ ownerId, jobId, expiresAt: new Date(expiresAt) })}`
}

/** How `node(id:)` reads an export. */
export const dataExportNodes = {
  DataExport: async (key: JobKey, { db, viewer }: Context) => {
    const [row] = await exportsByKeys(db, ownKeys([key], viewer))
    return row ?? null
  },
}
