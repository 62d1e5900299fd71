// What clients are told while Redis is killed, slow, started again, or answers nonsense.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { diary, type KeptWorld, keptWorld, sharedDiary } from '../support/kept.ts'
import { startRedis } from '../support/redis.ts'
import { type RedisProxy, redisProxy } from '../support/redis-proxy.ts'
import { startService } from '../support/service.ts'
import type { Sharer } from '../support/sharing.ts'

let redis = await startRedis()
/** Every step is asked for by several services. */
const patienceMs = 60_000
const withRedis = (title: string, work: () => Promise<void>) => (redis ? test : test.skip)(title, work, patienceMs)

let proxy: RedisProxy
let world: KeptWorld
beforeAll(async () => {
  if (!redis) return
  proxy = await redisProxy(redis.url)
  world = await keptWorld({ redisUrl: proxy.url })
})
afterAll(async () => {
  if (!redis) return
  await world.stop()
  await proxy.stop()
  await redis.stop()
})

let shared: Awaited<ReturnType<typeof sharedDiary>>
beforeEach(async () => {
  if (!redis) return
  proxy.answers = 'as they are'
  shared = await sharedDiary(world)
})
afterEach(() => {
  if (redis) proxy.answers = 'as they are'
})

const ask = (as: Sharer) => world.cached(as, diary, { id: shared.leila.globalId })

/** Asks until it is answered by what Redis keeps: it is left alone for a second after a failure. */
async function warm(): Promise<void> {
  const { hits } = world.stats()
  for (let attempt = 0; attempt < 300; attempt += 1) {
    await ask(shared.leila)
    await ask(shared.maryam)
    if (world.stats().hits > hits + 1) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('Redis keeps nothing.')
}

/** Both are told what is so, before and after a write. */
async function expectTruth(): Promise<void> {
  for (const count of ['5', '6']) {
    await world.done(shared.record(shared.leila, shared.items.Sunnah, { count }))
    for (const as of [shared.leila, shared.maryam]) {
      const truth = await world.uncached(as, diary, { id: shared.leila.globalId })
      expect(truth.data.user.entries.nodes[0].count).toBe(count)
      expect([await ask(as), await ask(as)]).toEqual([truth, truth])
    }
  }
}

withRedis('what one process computed answers another one', async () => {
  const second = await startService({ database: world.service.database, config: { cache: true, redisUrl: proxy.url } })
  await warm()
  for (let attempt = 0; second.app.cache?.stats().hits === 0 && attempt < 300; attempt += 1) {
    const { data } = await second.execute(diary, { id: shared.leila.globalId }, { as: shared.leila })
    expect(data).toEqual((await ask(shared.leila)).data)
  }
  expect(second.app.cache?.stats().hits).toBe(1)
  await world.done(shared.record(shared.leila, shared.items.Sunnah, { count: '9' }))
  const { data } = await second.execute(diary, { id: shared.leila.globalId }, { as: shared.leila })
  expect(data.user.entries.nodes[0].count).toBe('9')
  await second.stop()
})

withRedis('while Redis is dead, and once it is back, clients are told what is so', async () => {
  await warm()
  await redis?.stop()
  await expectTruth()
  redis = await startRedis()
  if (redis) proxy.target = redis.url
  await expectTruth()
  await warm()
  await expectTruth()
})

withRedis('while Redis does not answer clients are told what is so', async () => {
  await warm()
  const { errors } = world.stats()
  proxy.answers = 'never'
  await expectTruth()
  expect(world.stats().errors).toBeGreaterThan(errors)
  proxy.answers = 'as they are'
  await warm()
})

withRedis('while Redis talks nonsense clients are told what is so', async () => {
  await warm()
  proxy.answers = 'nonsense'
  await expectTruth()
  proxy.answers = 'as they are'
  await warm()
  await expectTruth()
})

withRedis('what is kept under a wrong key, cut off or altered is no answer', async () => {
  await warm()
  const client = new Redis((redis as { url: URL }).url.href)
  const spoil = async (make: (texts: string[], index: number) => string) => {
    const keys = (await client.keys('kitaab:answer:*')).sort()
    const texts = (await client.mget(keys)).map((text) => text ?? '')
    expect(keys.length).toBeGreaterThan(1)
    for (const [index, key] of keys.entries()) await client.set(key, make(texts, index), 'PX', 60_000)
  }
  const { leila, maryam } = shared
  const truths = new Map<Sharer, unknown>()
  for (const as of [leila, maryam]) truths.set(as, await world.uncached(as, diary, { id: leila.globalId }))
  const spoilt: ((texts: string[], index: number) => string)[] = [
    (texts, index) => texts[(index + 1) % texts.length] ?? '',
    (texts, index) => texts[index]?.slice(0, -5) ?? '',
    (texts, index) => texts[index]?.replace('"count":"2"', '"count":"3"') ?? '',
    () => '',
    () => '{"data":{"user":null}}',
  ]
  for (const make of spoilt) {
    await warm()
    await spoil(make)
    const { hits } = world.stats()
    for (const as of [leila, maryam]) expect(await ask(as)).toEqual(truths.get(as))
    expect(world.stats().hits).toBe(hits)
  }
  client.disconnect()
})
