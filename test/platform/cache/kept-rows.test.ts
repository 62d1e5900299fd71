// One contract, for rows that are kept in this process and for those that are kept in Redis.
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Cache, makeCache } from '../../../src/platform/cache/cache.ts'
import { type KeptKind, makeKeptRows } from '../../../src/platform/cache/kept-rows.ts'
import { makeMemoryStore } from '../../../src/platform/cache/memory-store.ts'
import { makeRedisStore } from '../../../src/platform/cache/redis-store.ts'
import type { Store } from '../../../src/platform/cache/store.ts'
import { makeLog } from '../../../src/platform/log.ts'
import { makeSeals } from '../../../src/platform/sealed-values.ts'
import { startRedis } from '../../support/redis.ts'

interface Book {
  readonly id: string
  readonly version: number
  readonly text: string
}

const log = makeLog({ level: 'silent' })
const redis = await startRedis()
afterAll(() => redis?.stop())

const time = 1_800_000_000_000
const now = () => time
const stores: [string, () => Store][] = [
  ['in process', () => makeMemoryStore({ bytes: 1_000_000, now })],
  ...(redis ? [['in Redis', () => makeRedisStore({ url: redis.url, log, now })] as [string, () => Store]] : []),
]
const newKey = (id: string) => ({ id, key: randomBytes(32) })

describe.each(stores)('rows that are kept %s', (_name, make) => {
  let shelf: Map<string, Book>
  let read: string[][]
  let program: string
  let texts: string[]
  let cache: Cache
  const kind: KeptKind<Pick<Book, 'id' | 'version'>, Book> = {
    name: 'book',
    keepMs: 60_000,
    versionOf: ({ id, version }) => [id, version],
    async read(versions) {
      read.push(versions.map(({ id }) => id))
      return versions.flatMap(({ id }) => shelf.get(id) ?? [])
    },
    isSame: (version, row) => version.id === row.id,
  }
  const versions = (...ids: string[]) =>
    ids.flatMap((id) => shelf.get(id) ?? []).map(({ id, version }) => ({ id, version }))
  const write = (id: string, text: string) => shelf.set(id, { id, text, version: (shelf.get(id)?.version ?? 0) + 1 })

  beforeEach(async () => {
    shelf = new Map()
    read = []
    texts = []
    program = crypto.randomUUID()
    const store = make()
    for (let attempt = 0; attempt < 200; attempt += 1) {
      await store.set([{ key: 'is it there', value: '', storedAt: 0, keepMs: 60_000 }])
      if ((await store.get(['is it there']))[0]) break
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const told: Store = {
      ...store,
      async set(entries) {
        texts.push(...entries.map((entry) => JSON.stringify(entry)))
        await store.set(entries)
      },
    }
    cache = makeCache(told, { now })
    write('a', 'alif')
    write('b', 'ba')
  })
  afterEach(() => cache.stop())

  const rows = (keys = [newKey('one')]) => makeKeptRows(cache, { program, seals: makeSeals(() => keys) })
  async function settled(count: number) {
    while (cache.stats().stores < count) await new Promise((resolve) => setImmediate(resolve))
  }

  test('are read once, and in the order that is asked for', async () => {
    const kept = rows()
    const [a, b] = [...shelf.values()]
    expect(await kept.rowsOf(kind, versions('a', 'b'))).toEqual([a, b])
    await settled(2)
    expect(await kept.rowsOf(kind, versions('b', 'a', 'b'))).toEqual([b, a, b])
    expect(read).toEqual([['a', 'b']])
  })

  test('are read anew in another version, which alone is then kept', async () => {
    const kept = rows()
    await kept.rowsOf(kind, versions('a', 'b'))
    await settled(2)
    write('a', 'alif maqsura')
    for (let times = 0; times < 2; times += 1) {
      expect(await kept.rowsOf(kind, versions('a', 'b'))).toMatchObject([{ text: 'alif maqsura' }, { text: 'ba' }])
      await settled(3)
    }
    expect(read).toEqual([['a', 'b'], ['a']])
  })

  test('that change after their version was read are answered as they are, and not kept under it', async () => {
    const kept = rows()
    const [before] = versions('a')
    write('a', 'later')
    expect(await kept.rowsOf(kind, before ? [before] : [])).toMatchObject([{ text: 'later', version: 2 }])
    shelf.delete('b')
    expect(await kept.rowsOf(kind, [{ id: 'b', version: 1 }])).toEqual([null])
    expect(cache.stats().stores).toBe(0)
  })

  test('are read by each of two requests at once when the first finds nothing', async () => {
    const kept = rows()
    const gone = [{ id: 'c', version: 1 }]
    expect(await Promise.all([kept.rowsOf(kind, gone), kept.rowsOf(kind, gone)])).toEqual([[null], [null]])
  })

  test('are nowhere in plain text, and are read anew where no key opens them', async () => {
    const [older, newer] = [newKey('older'), newKey('newer')]
    await rows([older]).rowsOf(kind, versions('a'))
    await settled(1)
    expect(texts.join()).toContain('older')
    expect(texts.join()).not.toContain('alif')
    expect(await rows([newer, older]).rowsOf(kind, versions('a'))).toMatchObject([{ text: 'alif' }])
    expect(read).toHaveLength(1)
    expect(await rows([newer]).rowsOf(kind, versions('a'))).toMatchObject([{ text: 'alif' }])
    expect(read).toHaveLength(2)
  })
})
