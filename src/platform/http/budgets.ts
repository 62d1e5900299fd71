import type { Redis } from 'ioredis'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Limits } from '../graphql/limits.ts'
import type { Log } from '../log.ts'
import { connectRedis } from '../redis.ts'
import type { Viewer } from '../viewer.ts'

/** What is left of a budget after something was taken from it. */
export interface Balance {
  readonly budget: 'viewer' | 'address'
  readonly quota: number
  readonly remaining: number
  /** Until the budget is whole again. */
  readonly resetSeconds: number
  readonly exceeded: boolean
}

/** Cost points by the minute: of each viewer, and of each address that has not logged in; exports by the hour. */
export interface Budgets {
  take(who: { readonly viewer: Viewer | null; readonly ip: string }, points: number): Promise<Balance>
  /** One more export of this viewer's. Answers the seconds until there may be another one, when this one is too many. */
  takeExport(viewer: Viewer): Promise<number | null>
  /** Rows that were exported: too many are told to the next export. */
  takeExportedRows(viewer: Viewer, rows: number): Promise<void>
  stop(): Promise<void>
}

const minute = 60
const hour = 3_600
/** Slower than this, Redis is taken to be gone. */
const redisTimeoutMs = 200

/**
 * Budgets counted in this process, or with `redisUrl` in Redis by all processes together. While Redis is away, slow or out of
 * its mind each process counts alone: nobody is refused for it.
 */
export function makeBudgets(limits: Limits, options: { redisUrl: URL | null; log: Log }): Budgets {
  const redis =
    options.redisUrl &&
    connectRedis(options.redisUrl, {
      log: options.log,
      timeoutMs: redisTimeoutMs,
      without: 'budgets are counted in this process',
    })
  const viewers = makeLimiter('viewer', limits.viewerCostPerMinute, redis)
  const addresses = makeLimiter('address', limits.anonymousCostPerMinute, redis)
  const exports = makeLimiter('exports', limits.exportsPerHour, redis, hour)
  const exportedRows = makeLimiter('exported-rows', limits.exportedRowsPerHour, redis, hour)
  return {
    async takeExport({ userId }) {
      const taken = await Promise.all([consumed(exports, userId, 1), consumed(exportedRows, userId, 1)])
      const waits = taken.filter(({ exceeded }) => exceeded).map(({ result }) => secondsLeft(result, hour))
      return waits.length === 0 ? null : Math.max(...waits)
    },
    takeExportedRows: async ({ userId }, rows) => void (await consumed(exportedRows, userId, rows)),
    take: ({ viewer, ip }, points) =>
      viewer
        ? takeFrom(viewers, 'viewer', viewer.userId, points)
        : takeFrom(addresses, 'address', addressKey(ip), points),
    stop: async () => redis?.disconnect(),
  }
}

function makeLimiter(name: string, points: number, redis: Redis | null, duration = minute): RateLimiterAbstract {
  const shared = { keyPrefix: `kitaab:budget:${name}`, points, duration }
  const alone = new RateLimiterMemory(shared)
  if (!redis) return alone
  // Whoever is far over is refused without asking Redis.
  return new RateLimiterRedis({
    ...shared,
    storeClient: redis,
    insuranceLimiter: alone,
    inMemoryBlockOnConsumed: points + 1,
  })
}

async function takeFrom(
  limiter: RateLimiterAbstract,
  budget: Balance['budget'],
  key: string,
  points: number,
): Promise<Balance> {
  const { result, exceeded } = await consumed(limiter, key, points)
  const { remainingPoints } = result
  return {
    budget,
    quota: limiter.points,
    remaining: Number.isFinite(remainingPoints) ? remainingPoints : limiter.points,
    resetSeconds: secondsLeft(result, minute),
    exceeded,
  }
}

async function consumed(limiter: RateLimiterAbstract, key: string, points: number) {
  try {
    return { result: await limiter.consume(key, points), exceeded: false }
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    return { result: refusal, exceeded: true }
  }
}

function secondsLeft({ msBeforeNext }: RateLimiterRes, otherwise: number): number {
  return Number.isFinite(msBeforeNext) ? Math.max(1, Math.ceil(msBeforeNext / 1000)) : otherwise
}

/** One key for an IPv4 address; for IPv6 one for the /64 that a single customer has to itself. */
export function addressKey(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped || !ip.includes(':')) return mapped ?? ip
  const [before = '', after] = ip.toLowerCase().split('%')[0]?.split('::') ?? []
  const head = before === '' ? [] : before.split(':')
  const tail = after ? after.split(':') : []
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...tail]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10 for a balance. */
export function rateLimitHeaders({ budget, quota, remaining, resetSeconds }: Balance) {
  return {
    'ratelimit-policy': `"${budget}";q=${quota};w=${minute}`,
    ratelimit: `"${budget}";r=${remaining};t=${resetSeconds}`,
  }
}
