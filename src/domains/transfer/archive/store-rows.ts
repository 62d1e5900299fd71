import type { Database } from '../../../platform/database/types.ts'
import { UnreadableExport } from '../import-plan.ts'
import type { ArchiveFile } from '../queries/archive/fields.ts'
import { fileNamed } from '../queries/archive/files.ts'
import { trying } from '../queries/archive/import-steps.ts'
import { insertChanges, insertRows } from '../queries/archive/insert.ts'
import { isRefusal, sentenceOf } from '../queries/archive/refusals.ts'
import type { ArchiveRow } from '../queries/archive/select.ts'
import { withoutControls } from '../quoted.ts'
import { changeOf, columnsOf, type Here, valuesOf } from './archived-rows.ts'
import { type CheckedBy, checkedRow } from './check-row.ts'
import type { OpenArchive } from './open-archive.ts'

/** An archive that is being read. */
export interface Reading {
  readonly archive: OpenArchive
  readonly by: CheckedBy
  /** Told of rows that went in. */
  readonly onRows: (rows: number) => void
}

/** A row and its line. */
export interface ReadRow {
  readonly number: number
  readonly row: ArchiveRow
}

const batchSize = 1_000

/** The rows of a file, checked as far as that can be done without the database. */
async function* rowsIn(file: ArchiveFile, { archive, by, onRows }: Reading): AsyncGenerator<ReadRow> {
  let since = 0
  for await (const line of archive.lines(`${file.name}.jsonl`)) {
    const row = checkedRow(file, line, by)
    if (typeof row === 'string') throw refused(file, line.number, row)
    yield { number: line.number, row }
    since += 1
    if (since % batchSize === 0) onRows(batchSize)
  }
  onRows(since % batchSize)
}

export function refused({ name }: ArchiveFile, line: number, what: string): UnreadableExport {
  return new UnreadableExport(withoutControls(`${name}.jsonl, line ${line}: ${what}. Nothing was imported.`))
}

/** All rows of a small file. */
export async function readAll(file: ArchiveFile, reading: Reading): Promise<ReadRow[]> {
  const rows: ReadRow[] = []
  for await (const row of rowsIn(file, reading)) rows.push(row)
  return rows
}

/** Writes a file, a batch at a time. */
export async function storeFile(tx: Database, file: ArchiveFile, reading: Reading, here: Here): Promise<void> {
  for await (const batch of inBatches(rowsIn(file, reading))) await storeRows(tx, file, batch, here)
}

export async function storeRows(tx: Database, file: ArchiveFile, rows: readonly ReadRow[], here: Here): Promise<void> {
  const { table } = file
  const columns = columnsOf(file)
  const store = (some: readonly ReadRow[]) =>
    insertRows(tx, here.ownerId, { table, columns, rows: some.map(({ row }) => valuesOf(file, row, here)) })
  for (let start = 0; start < rows.length; start += batchSize) {
    await storeBatch(tx, file, rows.slice(start, start + batchSize), store)
  }
}

/** ENT-6 Writes the history of entries. */
export async function storeChanges(tx: Database, reading: Reading, here: Here): Promise<void> {
  const file = fileNamed('entry_history')
  const store = (rows: readonly ReadRow[]) => {
    const changes = rows.map(({ number, row }) => {
      const change = changeOf(row, here)
      if (typeof change === 'string') throw refused(file, number, change)
      return change
    })
    return insertChanges(tx, here.ownerId, changes)
  }
  for await (const batch of inBatches(rowsIn(file, reading))) await storeBatch(tx, file, batch, store)
}

async function* inBatches(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow[]> {
  let batch: ReadRow[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** A batch in one statement; when the database refuses it, row by row, to find the line to name. */
async function storeBatch(
  tx: Database,
  file: ArchiveFile,
  batch: readonly ReadRow[],
  store: (rows: readonly ReadRow[]) => Promise<void>,
): Promise<void> {
  try {
    await trying(tx, () => store(batch))
  } catch (error) {
    if (!isRefusal(error)) throw error
    for (const row of batch) {
      await trying(tx, () => store([row])).catch((reason: unknown) => {
        throw isRefusal(reason) ? refused(file, row.number, sentenceOf(reason)) : reason
      })
    }
    throw refused(
      file,
      batch[0]?.number ?? 0,
      `this row and the ${batch.length - 1} behind it together: ${sentenceOf(error)}`,
    )
  }
}
