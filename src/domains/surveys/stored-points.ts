import { pipeline, Readable, type Transform } from 'node:stream'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { digesting } from '../../platform/objects/digesting.ts'
import type { ObjectStore, PutOptions, StoredObject } from '../../platform/objects/objects.ts'

/** The first word of the keys of points. The second is whose project they belong to: an account is erased with all below these. */
export const pointsKind = 'scans'

/** What is compressed says so in its key. */
const packedEnding = '.zst'

/** The key of an owner's points. `name` is a word that nothing else of the owner's has. */
export function pointsKey(ownerId: string, name: string, { isPacked = false } = {}): string {
  return `${pointsKind}/${ownerId}/${name}${isPacked ? packedEnding : ''}`
}

/** Keeps the points of a file, compressed where the key says so. Answers length and SHA-256 of the file itself. */
export async function storePoints(
  store: ObjectStore,
  key: string,
  content: AsyncIterable<Uint8Array>,
  { maxBytes, ...options }: PutOptions = {},
): Promise<StoredObject> {
  const digest = digesting(content, maxBytes)
  const file = Readable.from(digest.chunks, { objectMode: false })
  try {
    await store.put(key, isPacked(key) ? chained(file, createZstdCompress()) : file, options)
    return digest.result()
  } finally {
    file.destroy()
  }
}

/** The file as it came, whether it was compressed or not. Rejects with `ObjectMissing`. */
export async function readPoints(store: ObjectStore, key: string): Promise<Readable> {
  const stored = await store.get(key)
  return isPacked(key) ? chained(stored, createZstdDecompress()) : stored
}

/** Whether reading failed because what was compressed is not whole. */
export function isDamage(error: unknown): boolean {
  return /^(Z|ZSTD)_/.test(String((error as NodeJS.ErrnoException | null)?.code))
}

function isPacked(key: string): boolean {
  return key.endsWith(packedEnding)
}

/** Fails as its source does; a source whose reader has gone is closed. */
function chained(source: Readable, last: Transform): Readable {
  // Whoever reads `last` gets the failure, also who begins after it; without a listener of its own it would end the process until then.
  last.on('error', () => {})
  return pipeline(source, last, () => {})
}
