import type { Redis } from 'ioredis'
import type { Log } from '../log.ts'
import { connectRedis } from '../redis.ts'
import { opened, sealed } from './envelope.ts'
import type { Store } from './store.ts'

/** Slower than this, Redis is taken to be gone. */
const timeoutMs = 250
/** After a failure Redis is left alone for so long, so that not every request waits for one that does not answer. */
const pauseMs = 1_000
/** Longer texts are not sent: whoever asks for others would wait behind them. */
const longestText = 1_000_000

/** Keeps in Redis, for all processes of the service. */
export function makeRedisStore({ url, log, now }: { url: URL; log: Log; now: () => number }): Store {
  const redis = connectRedis(url, { log, timeoutMs, without: 'nothing is kept' })
  let pausedUntil = 0
  const isAway = () => redis.status !== 'ready' || now() < pausedUntil

  async function pausing<Answer>(work: Promise<Answer>): Promise<Answer> {
    try {
      return await work
    } catch (error) {
      pausedUntil = now() + pauseMs
      throw error
    }
  }

  return {
    async get(keys) {
      if (isAway()) return keys.map(() => null)
      const answer: unknown = await pausing(redis.mget([...keys]))
      return keys.map((key, index) => opened(key, Array.isArray(answer) ? answer[index] : null))
    },
    async set(entries) {
      if (isAway()) return
      await pausing(Promise.all(entries.map((entry) => send(redis, entry))))
    },
    size: () => null,
    stop: async () => redis.disconnect(),
  }
}

async function send(redis: Redis, { key, keepMs, ...kept }: Parameters<Store['set']>[0][number]): Promise<void> {
  const text = sealed(key, kept)
  if (text.length > longestText) return
  await redis.set(key, text, 'PX', Math.max(1, Math.floor(keepMs)))
}
