import { Redis } from 'ioredis'
import type { Log } from './log.ts'

/**
 * A connection on which nothing waits: while Redis is away each command fails at once, and one that is not answered within `timeoutMs`
 * fails then. It comes back by itself. `without` says in the log what is done meanwhile.
 */
export function connectRedis(url: URL, { log, timeoutMs, without }: { log: Log; timeoutMs: number; without: string }) {
  const redis = new Redis(url.href, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    // A connection that stays silent may be dead without knowing it; until another one is there nobody waits.
    socketTimeout: timeoutMs,
    connectTimeout: 2_000,
    // A connection that is gone already would hold the process up for this long when it stops.
    disconnectTimeout: 100,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5_000),
  })
  let isLost = false
  redis.on('error', (err) => {
    if (!isLost) log.warn({ err }, `Redis is away: ${without}`)
    isLost = true
  })
  redis.on('ready', () => {
    if (isLost) log.info('Redis is back')
    isLost = false
  })
  return redis
}
