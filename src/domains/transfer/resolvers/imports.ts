import type { Context } from '../../../context.ts'
import type { ImportEntriesInput, MutationResolvers, Resolvers } from '../../../generated/graphql.ts'
import { conflict, forbidden, notFound } from '../../../platform/graphql/errors.ts'
import { someViewer } from '../../../platform/graphql/found.ts'
import { jobFields } from '../../../platform/graphql/jobs.ts'
import { requireText } from '../../../platform/graphql/text.ts'
import { enqueue } from '../../../platform/jobs/enqueue.ts'
import { insertJob, type JobKey, type JobRow } from '../../../platform/jobs/job-rows.ts'
import { ownKeys, type Viewer } from '../../../platform/viewer.ts'
import { type UploadRow, uploadByKey } from '../../uploads/queries.ts'
import { requestUpload } from '../../uploads/requesting.ts'
import { shownFileName } from '../../uploads/uploads.ts'
import { type ColumnNames, csvFields } from '../csv/fields.ts'
import type { ImportInput } from '../jobs/imports.ts'
import { importKind, importsByKeys, importsOfOwner } from '../queries/entry-imports.ts'
import type { ShownReport } from '../rules/import-shown.ts'

const mutations: Pick<MutationResolvers, 'requestUpload' | 'importEntries'> = {
  requestUpload: (_root, { input: { fileName } }, { viewer, transaction, services }) =>
    requestUpload({ viewer: mayImport(viewer), transaction, services }, { fileName, purpose: 'entries' }),
  async importEntries(_root, { input }, { viewer, transaction }) {
    const { userId } = mayImport(viewer)
    const columns = columnsOf(input)
    const job = await transaction(async (tx) => {
      const upload = await uploadByKey(tx, { userId, uploadId: input.uploadId }, 'entries')
      if (!upload) throw noUpload()
      if (upload.storedAt === null) throw notComplete()
      const made = await insertJob(tx, { userId, kind: importKind, input: { ...inputOf(input, columns, upload) } })
      await enqueue(tx, 'import_entries', { userId, jobId: made.jobId })
      return made
    })
    return { import: job }
  },
}

/** Entries are written, and deeds made. */
function mayImport(viewer: Viewer | null): Viewer {
  const person = someViewer(viewer)
  if (person.scopes.includes('DEEDS_WRITE')) return person
  throw forbidden('The token lacks DEEDS_WRITE.', { reason: 'MISSING_SCOPE', scopes: ['DEEDS_WRITE'] })
}

function noUpload() {
  return notFound('There is no such upload: it was imported already, or a day has gone by. Ask for another address.', {
    field: 'input.uploadId',
  })
}

function notComplete() {
  return conflict('No file is there yet: send it to the address that `requestUpload` gave, by PUT.', {
    reason: 'UPLOAD_NOT_COMPLETE',
    field: 'input.uploadId',
  })
}

function columnsOf({ columns }: ImportEntriesInput): ColumnNames | undefined {
  const given = csvFields.flatMap((field) => {
    const name = columns?.[field]
    return name == null ? [] : [[field, requireText(name, { field: `input.columns.${field}`, max: 200 })]]
  })
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

function inputOf(
  { uploadId, format, dryRun, dateOrder }: ImportEntriesInput,
  columns: ColumnNames | undefined,
  { fileName }: UploadRow,
): ImportInput {
  return {
    uploadId,
    fileName: shownFileName(fileName),
    format: formats[format],
    dryRun: dryRun ?? false,
    ...(dateOrder != null && { dateOrder }),
    ...(columns && { columns }),
  }
}

const formats = { LOOP: 'loop', LOOP_BACKUP: 'loop-backup', HABITBULL: 'habitbull', CSV: 'csv' } as const
const formatNames = new Map(Object.entries(formats).map(([name, format]) => [format, name as keyof typeof formats]))

const importInput = ({ input }: JobRow) => input as unknown as ImportInput

const pageSize = 20

export const importResolvers: Resolvers = {
  Account: {
    imports: ({ userId }, { first, after = null }, { db }) =>
      importsOfOwner(db, userId, { first: first ?? pageSize, after }),
  },
  Mutation: mutations,
  EntryImport: {
    ...jobFields('EntryImport'),
    format: (job) => formatNames.get(importInput(job).format) ?? 'CSV',
    dryRun: (job) => importInput(job).dryRun,
    report: ({ result }) => result as unknown as ShownReport | null,
  },
}

export const importNodes = {
  EntryImport: async (key: JobKey, { db, viewer }: Context) => {
    const [row] = await importsByKeys(db, ownKeys([key], viewer))
    return row ?? null
  },
}
