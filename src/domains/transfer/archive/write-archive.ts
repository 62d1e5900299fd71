import type { Database, UserId } from '../../../platform/database/types.ts'
import type { Seals } from '../../../platform/sealed-values.ts'
import { objectId, shownValues } from '../../audit/events.ts'
import { hasSurveys } from '../../surveys/queries/readiness.ts'
import { auditEvents, type NamedEvent } from '../queries/archive/audit.ts'
import { entriesTable, entriesWithNames } from '../queries/archive/entries-table.ts'
import type { ArchiveFile } from '../queries/archive/fields.ts'
import { archiveFiles, surveyFiles } from '../queries/archive/files.ts'
import { type ArchiveRow, countOfFile, rowsOfFile } from '../queries/archive/select.ts'
import { csvLine } from './csv-lines.ts'
import { readmeName } from './format.ts'
import { readmeText } from './readme.ts'
import { openedResource, type Sealing } from './sealed-resources.ts'
import { type Part, type ZipOfParts, type ZipOptions, zipParts } from './zip-parts.ts'

export interface WriteOptions extends ZipOptions {
  readonly ownerId: UserId
  /** Open what is sensitive: the archive tells its owner all. */
  readonly seals: Seals
  /** Told of the share that is done, from 0 to 1, now and then. */
  readonly onProgress?: (share: number) => void
}

/**
 * The archive of all that is an owner's, as a zip that is made while it is read. `db` is one connection, in a snapshot, that reads as the
 * owner: it must stay open until the zip is `idle`.
 */
export async function writeArchive(
  db: Database,
  { ownerId, seals, onProgress, ...options }: WriteOptions,
): Promise<ZipOfParts> {
  const files = (await hasSurveys(db)) ? [...archiveFiles, ...surveyFiles] : archiveFiles
  const parts: Part[] = [
    { name: readmeName, content: readme },
    ...files.map(
      (file): Part => ({
        name: `${file.name}.jsonl`,
        content: () => lines(rowsOfFile(db, file, ownerId), toldRow(file, { ownerId, seals })),
      }),
    ),
    { name: 'entries.csv', content: () => table(entriesWithNames(db, ownerId)) },
    { name: 'audit_log.jsonl', content: () => lines(auditEvents(db, ownerId), toldEvent) },
  ]
  const total = await rowsInAll(db, files, ownerId)
  return zipParts(counted(parts, total, onProgress ?? (() => {})), options)
}

async function* readme() {
  yield { text: readmeText(), rows: 0 }
}

async function* lines<Row>(batches: AsyncIterable<readonly Row[]>, told: (row: Row) => unknown = (row) => row) {
  for await (const rows of batches) {
    yield { text: rows.map((row) => `${JSON.stringify(told(row))}\n`).join(''), rows: rows.length }
  }
}

const columns = Object.keys(entriesTable) as (keyof typeof entriesTable)[]

async function* table(batches: ReturnType<typeof entriesWithNames>) {
  yield { text: csvLine(columns), rows: 0 }
  for await (const rows of batches) {
    yield { text: rows.map((row) => csvLine(columns.map((column) => row[column]))).join(''), rows: rows.length }
  }
}

function toldRow({ table }: ArchiveFile, by: Sealing): (row: ArchiveRow) => ArchiveRow {
  return table === 'resources' ? (row) => openedResource(row, by) : (row) => row
}

/** As the API tells it, with the API's ids: the log is never imported. */
function toldEvent(event: NamedEvent) {
  const { occurredAt, action, actor, ipAddress, requestId } = event
  return {
    occurredAt: new Date(occurredAt).toISOString(),
    action,
    actor,
    objectId: objectId(event),
    oldValues: shownValues(event.oldColumns, event),
    newValues: shownValues(event.newColumns, event),
    ipAddress,
    requestId,
  }
}

async function rowsInAll(db: Database, files: readonly ArchiveFile[], ownerId: UserId): Promise<number> {
  let total = 0
  for (const file of files) {
    const rows = await countOfFile(db, file, ownerId)
    // Entries are told twice.
    total += file.table === 'entries' ? 2 * rows : rows
  }
  return total
}

function counted(parts: readonly Part[], total: number, onProgress: (share: number) => void): Part[] {
  let done = 0
  return parts.map(({ name, content }) => ({
    name,
    async *content() {
      for await (const piece of content()) {
        yield piece
        done += piece.rows
        if (piece.rows > 0) onProgress(Math.min(1, done / Math.max(1, total)))
      }
    },
  }))
}
