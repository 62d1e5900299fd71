import { LRUCache } from 'lru-cache'
import type { Store } from './store.ts'

/** What an entry takes besides its texts, in bytes. */
const overheadBytes = 300
/** From this length on a text is kept as bytes, which take half of its room or less. Node shares the memory of shorter ones among several. */
const leastBytes = Buffer.poolSize / 2

interface Entry {
  readonly value: string | Buffer | null
  readonly storedAt: number
}

/** Keeps in this process, up to so many bytes: what was used least lately goes first. */
export function makeMemoryStore({ bytes, now }: { bytes: number; now: () => number }): Store {
  const entries = new LRUCache<string, Entry>({
    maxSize: bytes,
    // One text must not drive out all others.
    maxEntrySize: Math.max(1, Math.floor(bytes / 8)),
    sizeCalculation: ({ value }, key) => overheadBytes + 2 * key.length + sizeOf(value),
    perf: { now },
    ttlResolution: 0,
  })
  return {
    get: async (keys) =>
      keys.map((key) => {
        const entry = entries.get(key)
        return entry ? { value: entry.value?.toString() ?? null, storedAt: entry.storedAt } : null
      }),
    async set(toKeep) {
      for (const { key, value, storedAt, keepMs } of toKeep) {
        entries.set(key, { value: packed(value), storedAt }, { ttl: Math.max(1, Math.floor(keepMs)) })
      }
    },
    size: () => ({ entries: entries.size, bytes: entries.calculatedSize }),
    stop: async () => entries.clear(),
  }
}

/** A text as it is kept; one that UTF-8 can't hold stays as it is. */
function packed(value: string | null): string | Buffer | null {
  return value !== null && value.length >= leastBytes && value.isWellFormed() ? Buffer.from(value) : value
}

function sizeOf(value: string | Buffer | null): number {
  return typeof value === 'string' ? 2 * value.length : (value?.length ?? 0)
}
