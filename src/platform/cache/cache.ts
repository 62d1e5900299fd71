import type { Kept, Store } from './store.ts'

export type { Kept } from './store.ts'

/** What was computed for a key; null: that there is nothing, which is kept as well. */
export interface Fresh {
  readonly value: string | null
  /** How long it may be kept, in milliseconds; 0: not at all. */
  readonly keepMs: number
}

/** Computes what is not kept, in the order of the keys; null: this is for whoever asked, and for nobody else. */
export type Load = (keys: readonly string[]) => Promise<readonly (Fresh | null)[]>

/** Since the process began. */
export interface CacheStats {
  /** Keys that were answered by what was kept. */
  readonly hits: number
  /** Keys that had to be computed. */
  readonly misses: number
  /** Keys that were answered by what another request was computing just then. */
  readonly joined: number
  /** Values that were kept. */
  readonly stores: number
  /** Times that the store could not be asked or told. */
  readonly errors: number
  /** The age of what hits were answered with, in milliseconds, added up. */
  readonly hitAgeMs: number
  /** How many values there are and their size in bytes; null where others keep them. */
  readonly size: { readonly entries: number; readonly bytes: number } | null
}

/** One read-through: what is kept, else what is computed, once for all who ask at the same time. It never fails for its store. */
export interface Cache {
  /** In the order of the keys. Rejects as `load` does. */
  readThrough(keys: readonly string[], load: Load): Promise<readonly (Kept | null)[]>
  stats(): CacheStats
  stop(): Promise<void>
}

type Counts = { -readonly [Name in Exclude<keyof CacheStats, 'size'>]: number }
type Flights = Map<string, Promise<Kept | null>>

export function makeCache(store: Store, { now }: { now: () => number }): Cache {
  const counts: Counts = { hits: 0, misses: 0, joined: 0, stores: 0, errors: 0, hitAgeMs: 0 }
  const { read, keep } = failingOpen(store, counts)
  const flights: Flights = new Map()
  const work: Work = { flights, keep, counts, now }
  return {
    async readThrough(keys, load) {
      const kept = await read(keys)
      const answers = new Map<string, Kept | null | Promise<Kept | null>>()
      const missing: string[] = []
      for (const [index, key] of keys.entries()) {
        const found = kept[index]
        const flight = flights.get(key)
        if (found) {
          counts.hits += 1
          counts.hitAgeMs += Math.max(0, now() - found.storedAt)
          answers.set(key, found)
        } else if (flight) answers.set(key, join(work, key, flight, load))
        else if (!missing.includes(key)) missing.push(key)
      }
      if (missing.length > 0) {
        const led = lead(work, missing, load)
        for (const [index, key] of missing.entries())
          answers.set(
            key,
            led.then((found) => found[index] ?? null),
          )
      }
      return Promise.all(keys.map((key) => answers.get(key) ?? null))
    },
    stats: () => ({ ...counts, size: store.size() }),
    stop: () => store.stop(),
  }
}

/** The store, whose failures are counted and else make no difference. */
function failingOpen(store: Store, counts: Counts) {
  return {
    async read(keys: readonly string[]): Promise<readonly (Kept | null)[]> {
      try {
        return await store.get(keys)
      } catch {
        counts.errors += 1
        return []
      }
    },
    async keep(keys: readonly string[], fresh: readonly (Fresh | null)[], storedAt: number): Promise<void> {
      const toKeep = keys.flatMap((key, index) => {
        const { value = null, keepMs = 0 } = fresh[index] ?? {}
        return keepMs > 0 ? [{ key, value, storedAt, keepMs }] : []
      })
      if (toKeep.length === 0) return
      try {
        await store.set(toKeep)
        counts.stores += toKeep.length
      } catch {
        counts.errors += 1
      }
    },
  }
}

interface Work {
  /** What is being computed, until it is kept. */
  readonly flights: Flights
  readonly keep: ReturnType<typeof failingOpen>['keep']
  readonly counts: Counts
  readonly now: () => number
}

/** Computes these keys for all who ask from now on, until they are kept. */
async function lead({ flights, keep, counts, now }: Work, keys: readonly string[], load: Load) {
  counts.misses += keys.length
  const all = load(keys).then((fresh) => {
    const storedAt = now()
    return { fresh, storedAt, kept: keys.map((_, index) => keptOf(fresh[index], storedAt)) }
  })
  const shared = all.then(
    ({ kept }) => kept,
    () => [],
  )
  for (const [index, key] of keys.entries()) {
    flights.set(
      key,
      shared.then((kept) => kept[index] ?? null),
    )
  }
  const land = () => {
    for (const key of keys) flights.delete(key)
  }
  // Nobody waits for the store but the flight, so that there is no moment at which a key is neither kept nor under way.
  void all.then(({ fresh, storedAt }) => keep(keys, fresh, storedAt)).then(land, land)
  return (await all).kept
}

/** Whoever joins a computation that fails, or that shares nothing, computes for itself. */
async function join({ counts, now }: Work, key: string, flight: Promise<Kept | null>, load: Load) {
  const found = await flight
  if (found) {
    counts.joined += 1
    return found
  }
  counts.misses += 1
  const [fresh] = await load([key])
  return keptOf(fresh, now())
}

function keptOf(fresh: Fresh | null | undefined, storedAt: number): Kept | null {
  return fresh ? { value: fresh.value, storedAt } : null
}
