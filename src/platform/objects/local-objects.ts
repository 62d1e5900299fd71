import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { digesting } from './digesting.ts'
import type { FoundObject, ObjectStore, PutOptions, StoredObject } from './objects.ts'
import { checkedKey, ObjectMissing } from './objects.ts'

/** No key begins with a dot, so none is in here. */
const unfinishedFolder = '.unfinished'

/** Objects as files of a folder that is this service's alone (modes 0700 and 0600). It is made when the first one is kept. */
export function makeLocalObjects(root: string): ObjectStore {
  const fileOf = (key: string) => path.join(root, ...checkedKey(key).split('/'))
  const unfinished = path.join(root, unfinishedFolder)
  return {
    async put(key, content, options = {}) {
      const file = fileOf(key)
      await makeFolder(root, unfinished)
      const draft = path.join(unfinished, randomUUID())
      try {
        const stored = await writeFile(draft, content, options)
        await makeFolder(root, path.dirname(file))
        await rename(draft, file)
        await syncFolder(path.dirname(file))
        return stored
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },
    async get(key) {
      const handle = await open(fileOf(key), 'r').catch(orNull)
      if (handle === null) throw new ObjectMissing(`There is no object ${key}.`)
      return handle.createReadStream()
    },
    async find(key) {
      return found(key, fileOf(key))
    },
    async delete(key) {
      return removed(fileOf(key))
    },
    async *list(prefix) {
      yield* filesBelow(root, prefix === undefined ? [] : checkedKey(prefix).split('/'))
    },
    async removeUnfinished(before) {
      const names = (await readdir(unfinished).catch(orNull)) ?? []
      let count = 0
      for (const name of names) {
        const file = path.join(unfinished, name)
        const about = await stat(file).catch(orNull)
        if (about !== null && about.mtime < before && (await removed(file))) count += 1
      }
      return count
    },
  }
}

/** A folder of the root, and the root's own: what is above it stays as it is. */
async function makeFolder(root: string, folder: string): Promise<void> {
  await mkdir(path.dirname(root), { recursive: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

async function writeFile(file: string, content: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject> {
  const digest = digesting(content, options.maxBytes)
  const handle = await open(file, 'wx', 0o600)
  // `flush`: the bytes are on the disk before the name is.
  const target = handle.createWriteStream({ flush: true })
  await pipeline(Readable.from(digest.chunks, { objectMode: false }), target, { signal: options.signal })
  return digest.result()
}

/** A file's name is safe when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

async function* filesBelow(root: string, words: readonly string[]): AsyncGenerator<FoundObject> {
  const folder = path.join(root, ...words)
  const there = (await readdir(folder, { withFileTypes: true }).catch(orNull)) ?? []
  for (const entry of there) {
    if (entry.name.startsWith('.')) continue
    const inner = [...words, entry.name]
    if (entry.isDirectory()) yield* filesBelow(root, inner)
    if (!entry.isFile()) continue
    const object = await found(inner.join('/'), path.join(folder, entry.name))
    if (object !== null) yield object
  }
}

async function found(key: string, file: string): Promise<FoundObject | null> {
  const about = await stat(file).catch(orNull)
  return about?.isFile() ? { key, bytes: about.size, storedAt: about.mtime } : null
}

async function removed(file: string): Promise<boolean> {
  return (await unlink(file).then(() => true, orNull)) ?? false
}

/** What is not there is no error; all else is. */
function orNull(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return null
  throw error
}
