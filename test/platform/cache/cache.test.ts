// One contract, for what keeps in this process and for what keeps in Redis.
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Cache, type Load, makeCache } from '../../../src/platform/cache/cache.ts'
import { makeMemoryStore } from '../../../src/platform/cache/memory-store.ts'
import { makeRedisStore } from '../../../src/platform/cache/redis-store.ts'
import type { Store } from '../../../src/platform/cache/store.ts'
import { makeLog } from '../../../src/platform/log.ts'
import { startRedis } from '../../support/redis.ts'

const log = makeLog({ level: 'silent' })
const redis = await startRedis()
afterAll(() => redis?.stop())

let time = 1_800_000_000_000
const now = () => time
let prefix = ''
const key = (name: string) => `${prefix}:${name}`

/** Counts what it is asked to compute; answers each name in capitals. */
function computing(keepMs = 60_000) {
  const asked: string[][] = []
  const load: Load = async (keys) => {
    asked.push([...keys])
    return keys.map((each) => ({ value: each.toUpperCase(), keepMs }))
  }
  return { asked, load }
}

async function ready(made: Store): Promise<Store> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    await made.set([{ key: 'is it there', value: '', storedAt: 0, keepMs: 60_000 }])
    if ((await made.get(['is it there']))[0]) return made
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('The store never answered.')
}

const stores: [string, () => Store][] = [
  ['in process', () => makeMemoryStore({ bytes: 1_000_000, now })],
  ...(redis ? [['in Redis', () => makeRedisStore({ url: redis.url, log, now })] as [string, () => Store]] : []),
]

describe.each(stores)('a cache %s', (_name, make) => {
  let cache: Cache
  let store: Store
  beforeEach(async () => {
    prefix = crypto.randomUUID()
    store = await ready(make())
    cache = makeCache(store, { now })
  })
  afterEach(() => cache.stop())

  /** Kept, as far as that is told: a store is told behind the answer. */
  async function settled(stores: number) {
    while (cache.stats().stores < stores) await new Promise((resolve) => setImmediate(resolve))
  }

  test.each([
    ['of one byte a letter', 'x'.repeat(50_000)],
    ['Arabic, and beyond the first plane', 'كتاب 📖'.repeat(5_000)],
    ['short', 'é'],
    ['empty', ''],
  ])('a text that is %s comes out as it went in', async (_which, text) => {
    const name = key('text')
    await cache.readThrough([name], async () => [{ value: text, keepMs: 60_000 }])
    await settled(1)
    const [kept] = await cache.readThrough([name], async () => [null])
    expect(kept?.value).toBe(text)
    expect(cache.stats().hits).toBe(1)
  })

  test('what was computed is kept, with the time', async () => {
    const { asked, load } = computing()
    const first = await cache.readThrough([key('a')], load)
    await settled(1)
    time += 2_000
    const second = await cache.readThrough([key('a')], load)
    expect([first, second]).toEqual(Array(2).fill([{ value: key('a').toUpperCase(), storedAt: time - 2_000 }]))
    expect(asked).toEqual([[key('a')]])
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, stores: 1, joined: 0, errors: 0, hitAgeMs: 2_000 })
  })

  test('of many keys those that are not kept are computed, in one call', async () => {
    const { asked, load } = computing()
    await cache.readThrough([key('b')], load)
    await settled(1)
    const answers = await cache.readThrough([key('a'), key('b'), key('c'), key('a')], load)
    expect(answers.map((answer) => answer?.value)).toEqual(['a', 'b', 'c', 'a'].map((name) => key(name).toUpperCase()))
    expect(asked).toEqual([[key('b')], [key('a'), key('c')]])
  })

  test('that there is nothing is kept as well', async () => {
    const asked: number[] = []
    const load: Load = async (keys) => {
      asked.push(keys.length)
      return keys.map(() => ({ value: null, keepMs: 60_000 }))
    }
    await cache.readThrough([key('nobody')], load)
    await settled(1)
    expect(await cache.readThrough([key('nobody')], load)).toEqual([{ value: null, storedAt: time }])
    expect(asked).toEqual([1])
  })

  test('texts of any script come back as they were', async () => {
    const value = JSON.stringify({ data: { name: 'السَّلام', note: '😀\u0000\n"\\' } })
    await cache.readThrough([key('text')], async () => [{ value, keepMs: 60_000 }])
    await settled(1)
    const [found] = await cache.readThrough([key('text')], async () => [])
    expect(found?.value).toBe(value)
  })

  test('what may not be kept is computed each time', async () => {
    const { asked, load } = computing(0)
    await cache.readThrough([key('a')], load)
    await cache.readThrough([key('a')], load)
    expect(asked.length).toBe(2)
    expect(cache.stats().stores).toBe(0)
  })

  test('those who ask at the same time wait for one computation', async () => {
    const { asked, load } = computing()
    const answers = await Promise.all(Array.from({ length: 50 }, () => cache.readThrough([key('a')], load)))
    expect(new Set(answers.map(([answer]) => answer?.value))).toEqual(new Set([key('a').toUpperCase()]))
    expect(asked.length).toBe(1)
    expect(cache.stats()).toMatchObject({ misses: 1, joined: 49 })
  })

  test('a computation that fails is nobody else’s failure', async () => {
    const failing: Load = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('its own')
    }
    const { load } = computing()
    const led = cache.readThrough([key('a')], failing)
    const rejected = expect(led).rejects.toThrow('its own')
    const joined = cache.readThrough([key('a')], load)
    await rejected
    expect((await joined)[0]?.value).toBe(key('a').toUpperCase())
  })

  test('a computation that shares nothing is for whoever asked', async () => {
    let count = 0
    const load: Load = async () => {
      count += 1
      return [null]
    }
    expect(await Promise.all([1, 2, 3].map(() => cache.readThrough([key('a')], load)))).toEqual(Array(3).fill([null]))
    expect(count).toBe(3)
  })

  test('a store that fails is a miss', async () => {
    const broken = makeCache(
      { ...store, get: () => Promise.reject(new Error('gone')), set: () => Promise.reject(new Error('gone')) },
      { now },
    )
    const { asked, load } = computing()
    await broken.readThrough([key('a')], load)
    expect((await broken.readThrough([key('a')], load))[0]?.value).toBe(key('a').toUpperCase())
    expect(asked.length).toBe(2)
    expect(broken.stats()).toMatchObject({ hits: 0, misses: 2, stores: 0 })
    expect(broken.stats().errors).toBeGreaterThanOrEqual(3)
  })
})

test('in process a text is kept as long as it may', async () => {
  const cache = makeCache(makeMemoryStore({ bytes: 1_000_000, now }), { now })
  const { asked, load } = computing(5_000)
  await cache.readThrough(['a'], load)
  time += 4_999
  await cache.readThrough(['a'], load)
  expect(asked.length).toBe(1)
  time += 2
  await cache.readThrough(['a'], load)
  expect(asked.length).toBe(2)
})

test('in process at most so many bytes are kept, and no text that is a large part of them', async () => {
  const cache = makeCache(makeMemoryStore({ bytes: 100_000, now }), { now })
  for (let index = 0; index < 100; index += 1) {
    await cache.readThrough([`key ${index}`], async () => [{ value: 'x'.repeat(1_000), keepMs: 60_000 }])
  }
  const { size } = cache.stats()
  expect(size?.entries).toBeGreaterThan(20)
  expect(size?.entries).toBeLessThan(50)
  expect(size?.bytes).toBeLessThanOrEqual(100_000)
  const { asked, load } = computing()
  await cache.readThrough(['key 99'], load)
  await cache.readThrough(['key 0'], load)
  expect(asked).toEqual([['key 0']])
  await cache.readThrough(['large'], async () => [{ value: 'x'.repeat(50_000), keepMs: 60_000 }])
  await cache.readThrough(['large'], load)
  expect(asked).toEqual([['key 0'], ['large']])
})

test('in process a long text takes as many bytes as UTF-8 needs, and one that UTF-8 has no bytes for comes out all the same', async () => {
  const cache = makeCache(makeMemoryStore({ bytes: 1_000_000, now }), { now })
  const keep = async (key: string, value: string) => {
    await cache.readThrough([key], async () => [{ value, keepMs: 60_000 }])
    return (await cache.readThrough([key], async () => [null]))[0]?.value
  }
  await keep('long', 'x'.repeat(50_000))
  expect(cache.stats().size?.bytes).toBeGreaterThan(50_000)
  expect(cache.stats().size?.bytes).toBeLessThan(51_000)
  const halfACharacter = '\ud83d'.repeat(5_000)
  expect(await keep('half', halfACharacter)).toBe(halfACharacter)
})
