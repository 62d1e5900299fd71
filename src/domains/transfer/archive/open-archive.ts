import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import yauzl from 'yauzl'
import { UnreadableExport } from '../import-plan.ts'
import { quoted } from '../quoted.ts'
import { type Manifest, manifestName } from './format.ts'
import { checkedManifest } from './manifest.ts'

/** An archive whose manifest was read and makes sense. Its files are checked while they are read. */
export interface OpenArchive {
  readonly manifest: Manifest
  /** The lines of a file, each with its number from 1. Rejects with `UnreadableExport`, at the latest behind the last line. */
  lines(name: string): AsyncGenerator<Line>
  close(): void
}

export interface Line {
  readonly number: number
  readonly text: string
}

const largestManifest = 256 * 1024
const mostFiles = 1_000
/** Of a line. The longest honest one has a reflection of 20,000 characters, each escaped. */
const longestLine = 1024 * 1024
/** Of all files that are read, unpacked. */
const largestTotal = 8 * 1024 ** 3

/** Opens the zip that an export wrote. Throws `UnreadableExport`; nothing is trusted that the zip says of itself. */
export async function openArchive(source: string): Promise<OpenArchive> {
  await refuseOtherFiles(source)
  const zip = await yauzl.openPromise(source, { lazyEntries: true, autoClose: false }).catch((error: Error) => {
    throw damaged(source, error)
  })
  try {
    const entries = await entriesOf(zip)
    const streamOf = (name: string) => {
      const entry = entries.get(name)
      if (entry === undefined) throw new UnreadableExport(`The archive has no ${name}.`)
      return zip.openReadStreamPromise(entry)
    }
    if ((entries.get(manifestName)?.uncompressedSize ?? 0) > largestManifest)
      throw new UnreadableExport(`${manifestName} is too large to be one.`)
    const manifest = checkedManifest((await buffer(await streamOf(manifestName))).toString())
    return { manifest, lines: (name) => checkedLines(name, manifest, () => streamOf(name)), close: () => zip.close() }
  } catch (error) {
    zip.close()
    throw error instanceof UnreadableExport ? error : damaged(source, error as Error)
  }
}

async function refuseOtherFiles(source: string): Promise<void> {
  const handle = await open(source).catch(() => {
    throw new UnreadableExport(`There is no file ${source} that can be read.`)
  })
  const start = await handle.read(Buffer.alloc(4), 0, 4, 0).catch(() => null)
  await handle.close()
  if (start?.buffer.toString('latin1', 0, 2) === 'PK') return
  throw new UnreadableExport(`${source} is no zip: give the file that the export of Kitaab made.`)
}

function damaged(source: string, error: Error): UnreadableExport {
  return new UnreadableExport(`${source} can't be read as a zip: ${error.message}. Download it once more.`)
}

async function entriesOf(zip: yauzl.ZipFile): Promise<Map<string, yauzl.Entry>> {
  if (zip.entryCount > mostFiles) throw new UnreadableExport(`The archive has more than ${mostFiles} files.`)
  const entries = new Map<string, yauzl.Entry>()
  let total = 0
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName
    if (entries.has(name)) throw new UnreadableExport(`The archive has ${quoted(name)} twice.`)
    entries.set(name, entry)
    // yauzl refuses an entry that unpacks to more than this.
    total += entry.uncompressedSize
    if (total > largestTotal) throw new UnreadableExport('The archive unpacks to more than 8 GiB: it is no diary.')
  }
  return entries
}

/** A file's lines, and at their end the proof that it is the one that the manifest describes. */
async function* checkedLines(
  name: string,
  manifest: Manifest,
  openFile: () => Promise<Readable>,
): AsyncGenerator<Line> {
  const described = manifest.files.find((file) => file.name === name)
  if (described === undefined) return
  const hash = createHash('sha256')
  const stream = await openFile()
  let number = 0
  try {
    for await (const text of linesOf(name, stream, (chunk) => hash.update(chunk))) {
      number += 1
      if (number > described.rows)
        throw differs(name, `has more than the ${described.rows} rows that the manifest says`)
      yield { number, text }
    }
  } catch (error) {
    throw error instanceof UnreadableExport
      ? error
      : new UnreadableExport(`${name} can't be read: ${(error as Error).message}.`)
  } finally {
    stream.destroy()
  }
  if (number !== described.rows) throw differs(name, `has ${number} rows, and the manifest says ${described.rows}`)
  if (hash.digest('hex') !== described.sha256) throw differs(name, 'has another SHA-256 than the manifest says')
}

function differs(name: string, how: string): UnreadableExport {
  return new UnreadableExport(`${name} ${how}: it was changed since it was exported. Nothing was imported.`)
}

async function* linesOf(name: string, stream: Readable, seen: (chunk: Buffer) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    seen(chunk)
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine)
      throw new UnreadableExport(`${name} has a line of more than ${longestLine} characters.`)
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') throw new UnreadableExport(`${name} ends in the middle of a line.`)
}
