import DataLoader from 'dataloader'
import type { Page } from './page.ts'
import type { UserId } from './types.ts'

/** An id, or a flat object of ids such as `{ ownerId, deedId }`: equal when its values are. */
export type BatchKey = string | object

export type Batch<Key, Row> = (keys: readonly Key[]) => Promise<readonly Row[]>

/** A loader of at most one row per key: null where `batch` answers none. Keys of one tick become one call of it. */
export function onePerKey<Key extends BatchKey, Row>(
  batch: Batch<Key, Row>,
  keyOf: (row: Row) => Key,
): DataLoader<Key, Row | null, string> {
  return loader(async (keys) => {
    const rows = new Map<string, Row>()
    for (const row of await batch(keys)) rows.set(cacheKey(keyOf(row)), row)
    return keys.map((key) => rows.get(cacheKey(key)) ?? null)
  })
}

/** A loader of all rows of a key, in the order in which `batch` answers them; none is []. */
export function manyPerKey<Key extends BatchKey, Row>(
  batch: Batch<Key, Row>,
  keyOf: (row: Row) => Key,
): DataLoader<Key, Row[], string> {
  return loader(async (keys) => {
    const rowsOf = new Map<string, Row[]>(keys.map((key) => [cacheKey(key), []]))
    for (const row of await batch(keys)) rowsOf.get(cacheKey(keyOf(row)))?.push(row)
    return keys.map((key) => rowsOf.get(cacheKey(key)) ?? [])
  })
}

/** The distinct owners of some keys, to be declared with `db.reading(...)`. */
export function ownersOf(keys: readonly { readonly ownerId: UserId }[]): UserId[] {
  return [...new Set(keys.map((key) => key.ownerId))]
}

function loader<Key extends BatchKey, Value>(batch: (keys: readonly Key[]) => Promise<Value[]>) {
  return new DataLoader<Key, Value, string>(batch, { cacheKeyFn: cacheKey })
}

/** Objects are compared by name and value, in whatever order they were written down. Ids, dates and null hold no separator. */
function cacheKey(key: BatchKey): string {
  if (typeof key === 'string') return key
  const values = key as Readonly<Record<string, unknown>>
  let text = ''
  for (const name of namesInOrder(key)) text += `\u0000${name}\u0000${typeof values[name]}${values[name]}`
  return text
}

/** The names of the few forms that keys have, sorted once. */
const orders = new Map<string, readonly string[]>()

function namesInOrder(key: object): readonly string[] {
  const names = Object.keys(key)
  const form = names.join()
  const known = orders.get(form)
  if (known) return known
  const sorted = names.sort()
  orders.set(form, sorted)
  return sorted
}

/** Which list, and how much of it. */
export type FirstOf<Key> = Key & { first: number }

/** The first pages of many lists. Pages of one size are one statement, and a document hardly asks for two sizes. */
export async function firstPages<Key extends { first: number }, Row>(
  keys: readonly Key[],
  read: (keys: readonly Key[], first: number) => Promise<Page<Row>[]>,
): Promise<{ key: Key; page: Page<Row> }[]> {
  const bySize = [...Map.groupBy(keys, ({ first }) => first)]
  const pages = await Promise.all(bySize.map(([first, some]) => read(some, first)))
  return pages.flatMap((found, size) =>
    found.flatMap((page, index) => {
      const key = bySize[size]?.[1][index]
      return key ? [{ key, page }] : []
    }),
  )
}

/** What is read of an owner at once. */
export interface PerOwner<Value> {
  load(ownerId: UserId): Promise<Value>
  /** What `load` came to; undefined as long as it has not. */
  peek(ownerId: UserId): Value | undefined
}

/**
 * Reads something of an owner as a whole, once; from then on rows that need it have it without waiting: a promise for each row of a wide
 * answer costs more than the statement. It is read ahead, for who may not need it, so a failure is nobody's: `peek` stays undefined.
 */
export function perOwner<Value>(read: (ownerId: UserId) => Promise<Value>): PerOwner<Value | undefined> {
  const loading = new Map<UserId, Promise<Value | undefined>>()
  const known = new Map<UserId, Value>()
  async function remember(ownerId: UserId) {
    try {
      const value = await read(ownerId)
      known.set(ownerId, value)
      return value
    } catch {
      return undefined
    }
  }
  return {
    load(ownerId) {
      const before = loading.get(ownerId)
      if (before) return before
      const value = remember(ownerId)
      loading.set(ownerId, value)
      return value
    },
    peek: (ownerId) => known.get(ownerId),
  }
}
