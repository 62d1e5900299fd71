import { isUtf8 } from 'node:buffer'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import yauzl from 'yauzl'
import { UnreadableExport } from '../import-plan.ts'
import { quoted } from '../quoted.ts'

/** The CSV files of an export by their path inside it, with `/` between folders. */
export type ExportFiles = Map<string, string>

// A diary of fifty years is well below these; an archive beyond them is no diary.
const largestFile = 16 * 1024 * 1024
const largestTotal = 128 * 1024 * 1024
const mostFiles = 5_000

/** The CSV files of a Loop export: its zip as the app wrote it, or the folder it was unpacked to. Throws `UnreadableExport`. */
export async function readExport(source: string): Promise<ExportFiles> {
  const found = await stat(source).catch(() => null)
  if (found === null) throw new UnreadableExport(`There is no file or folder ${source}.`)
  const files = found.isDirectory() ? await readFolder(source) : await readZip(source)
  return withoutCommonFolder(files)
}

const isWanted = (name: string) => /(^|\/)(Habits|Checkmarks)\.csv$/.test(name)

function bounded() {
  let files = 0
  let total = 0
  return (name: string, bytes: number) => {
    files++
    total += bytes
    if (bytes > largestFile)
      throw new UnreadableExport(`${quoted(name)} has ${bytes} bytes; at most ${largestFile} are read.`)
    if (files > mostFiles || total > largestTotal) {
      throw new UnreadableExport(`The export has more than ${mostFiles} files or ${largestTotal} bytes.`)
    }
  }
}

async function readFolder(folder: string): Promise<ExportFiles> {
  const count = bounded()
  const files: ExportFiles = new Map()
  // A Loop export is two levels deep; whatever lies deeper in a folder that somebody named is not read.
  for (const first of await readdir(folder, { withFileTypes: true })) {
    const inner = first.isDirectory() ? await readdir(path.join(folder, first.name), { withFileTypes: true }) : []
    const names = [
      ...(first.isFile() ? [first.name] : []),
      ...inner.filter((e) => e.isFile()).map((e) => `${first.name}/${e.name}`),
    ]
    for (const name of names.filter(isWanted)) {
      const file = path.join(folder, name)
      count(name, (await stat(file)).size)
      files.set(name, textOf(name, await readFile(file)))
    }
  }
  return files
}

async function readZip(source: string): Promise<ExportFiles> {
  await refuseOtherFiles(source)
  const count = bounded()
  const files: ExportFiles = new Map()
  try {
    const zip = await yauzl.openPromise(source, { lazyEntries: true, autoClose: false })
    try {
      for await (const entry of zip.eachEntry()) {
        if (!isWanted(entry.fileName)) continue
        // yauzl refuses an entry that unpacks to more than its header says, so the header can be believed here.
        count(entry.fileName, entry.uncompressedSize)
        files.set(entry.fileName, textOf(entry.fileName, await buffer(await zip.openReadStreamPromise(entry))))
      }
    } finally {
      zip.close()
    }
  } catch (error) {
    if (error instanceof UnreadableExport) throw error
    throw new UnreadableExport(
      `${source} can't be read as a zip: ${(error as Error).message}. Export once more from Loop.`,
    )
  }
  return files
}

function textOf(name: string, content: Buffer): string {
  if (!isUtf8(content)) throw new UnreadableExport(`${quoted(name)} is not UTF-8: export once more from Loop.`)
  return content.toString('utf8')
}

async function refuseOtherFiles(source: string): Promise<void> {
  const handle = await open(source)
  const start = await handle.read(Buffer.alloc(4), 0, 4, 0).finally(() => handle.close())
  if (start.buffer.toString('latin1', 0, 2) === 'PK') return
  throw new UnreadableExport(`${source} is neither a folder nor a zip: give what Loop's "Export as CSV" wrote.`, {
    option: 'loopBackup',
  })
}

/** Some tools pack the folder itself: what all files have in common in front is left out. */
function withoutCommonFolder(files: ExportFiles): ExportFiles {
  if (files.has('Habits.csv')) return files
  const habits = [...files.keys()].find((name) => name.endsWith('/Habits.csv'))
  if (habits === undefined) {
    throw new UnreadableExport('There is no Habits.csv in it: give what Loop\'s "Export as CSV" wrote.')
  }
  const prefix = habits.slice(0, -'Habits.csv'.length)
  const inside = [...files].filter(([name]) => name.startsWith(prefix))
  return new Map(inside.map(([name, content]) => [name.slice(prefix.length), content]))
}
