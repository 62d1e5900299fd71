import { LRUCache } from 'lru-cache'
import type { Kept, Store } from './store.ts'

/** What an entry takes besides its texts, in bytes. */
const overheadBytes = 300

/** Keeps in this process, up to so many bytes: what was used least lately goes first. */
export function makeMemoryStore({ bytes, now }: { bytes: number; now: () => number }): Store {
  const entries = new LRUCache<string, Kept>({
    maxSize: bytes,
    // One text must not drive out all others.
    maxEntrySize: Math.max(1, Math.floor(bytes / 8)),
    sizeCalculation: ({ value }, key) => overheadBytes + 2 * (key.length + (value?.length ?? 0)),
    perf: { now },
    ttlResolution: 0,
  })
  return {
    get: async (keys) => keys.map((key) => entries.get(key) ?? null),
    async set(toKeep) {
      for (const { key, value, storedAt, keepMs } of toKeep) {
        entries.set(key, { value, storedAt }, { ttl: Math.max(1, Math.floor(keepMs)) })
      }
    },
    size: () => ({ entries: entries.size, bytes: entries.calculatedSize }),
    stop: async () => entries.clear(),
  }
}
