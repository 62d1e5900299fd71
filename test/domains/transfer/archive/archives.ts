// Archives in memory: what an export wrote, file by file, and zips with something changed.

import { createHash, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import yauzl from 'yauzl'
import type { Manifest } from '../../../../src/domains/transfer/archive/format.ts'
import { importArchive } from '../../../../src/domains/transfer/archive/import-archive.ts'
import { openArchive } from '../../../../src/domains/transfer/archive/open-archive.ts'
import { writeArchive } from '../../../../src/domains/transfer/archive/write-archive.ts'
import type { Databases } from '../../../../src/platform/database/databases.ts'
import { withKysely } from '../../../../src/platform/database/migrator.ts'
import type { Tables } from '../../../../src/platform/database/types.ts'
import { makeSeals } from '../../../../src/platform/sealed-values.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { zipOf } from '../../../support/zip.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows have the fields of their file
export type ArchivedRow = Record<string, any>

/** The content of each file by its name. */
export type Unpacked = Map<string, Buffer>

/** What the service of these tests encrypts with. */
export const archiveSeals = makeSeals(() => [{ id: 'of-archives', key: Buffer.alloc(32, 7) }])

export const madeAt = new Date('2026-11-21T12:00:00Z')

/** Somebody's archive, as the worker makes it. */
export function archiveOf(databases: Databases, userId: string): Promise<Buffer> {
  const { db } = databases.forViewer({ userId, sessionId: '', role: 'member' })
  return db.long.connection().execute(async (snapshot) => {
    const zip = await writeArchive(snapshot, { ownerId: userId, seals: archiveSeals, madeAt, version: '0.1.0' })
    return buffer(zip.stream).finally(zip.idle)
  })
}

export async function unpack(zip: Buffer): Promise<Unpacked> {
  const files: Unpacked = new Map()
  const opened = await yauzl.fromBufferPromise(zip, { lazyEntries: true })
  for await (const entry of opened.eachEntry())
    files.set(entry.fileName, await buffer(await opened.openReadStreamPromise(entry)))
  return files
}

export function rowsIn(files: Unpacked, name: string): ArchivedRow[] {
  const text = files.get(`${name}.jsonl`)?.toString() ?? ''
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
}

export function manifestIn(files: Unpacked): Manifest {
  return JSON.parse(files.get('manifest.json')?.toString() ?? 'null')
}

export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** The zip of these files, its manifest put right unless it is not to be. */
export function packed(files: Unpacked, { honest = true } = {}): Buffer {
  const contents = new Map(files)
  const manifest = manifestIn(files)
  if (honest) {
    const right = manifest.files.flatMap((file) => {
      const content = contents.get(file.name)
      if (content === undefined) return []
      const rows = content.toString().split('\n').length - 1
      return [{ ...file, rows, bytes: content.byteLength, sha256: sha256(content) }]
    })
    contents.set('manifest.json', Buffer.from(JSON.stringify({ ...manifest, files: right })))
  }
  return zipOf(Object.fromEntries(contents))
}

/** The same files with the rows of one of them changed. */
export function withRows(files: Unpacked, name: string, change: (rows: ArchivedRow[]) => ArchivedRow[]): Unpacked {
  const rows = change(rowsIn(files, name))
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  return new Map([...files, [`${name}.jsonl`, Buffer.from(text)]])
}

export async function zipFile(folder: string, zip: Buffer): Promise<string> {
  const file = path.join(folder, `${randomUUID()}.zip`)
  await writeFile(file, zip)
  return file
}

/** Imports a zip into an account. */
export async function importZip(
  { database, folder }: { readonly database: TestDatabase; readonly folder: string },
  ownerId: string,
  zip: Buffer,
  seals = archiveSeals,
): Promise<Awaited<ReturnType<typeof importArchive>>> {
  const archive = await openArchive(await zipFile(folder, zip))
  try {
    return await withKysely<Awaited<ReturnType<typeof importArchive>>, Tables>(
      database.connections.forRole('kitaab_worker'),
      (db) => db.transaction().execute((tx) => importArchive(tx, archive, { ownerId, seals, now: new Date() })),
    )
  } finally {
    archive.close()
  }
}
