// What a fault happens to: a PostgreSQL and a Redis of its own, both behind proxies, and a Kitaab as shipped.
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startRedis } from '../../test/support/redis.ts'
import { yesterday } from '../loads/bench.ts'
import { type RunningServer, startKitaab } from '../servers/servers.ts'
import { openWorld, type World } from '../world/database.ts'
import { type FaultyProxy, startProxy } from './proxy.ts'

export interface Stage {
  readonly world: World
  readonly database: FaultyProxy
  readonly redis: FaultyProxy | null
  kitaab(): RunningServer
  /** Starts Kitaab again after its end. */
  startAgain(): Promise<void>
  administrate(text: string, values?: unknown[]): Promise<unknown[]>
  /** Milliseconds until `/readyz` says so. */
  untilReady(): Promise<number>
  stop(): Promise<void>
}

export async function setStage(home: string, port: number, days = 60): Promise<Stage> {
  const world = await openWorld(home, { users: 40, days, until: yesterday() }, () => {})
  const { host = '', port: socket = 5432 } = world.connections.forRole('kitaab_app')
  const database = await startProxy({ path: path.join(host, `.s.PGSQL.${socket}`) })
  const redisServer = await startRedis()
  const redis = redisServer && (await startProxy({ host: '127.0.0.1', port: Number(redisServer.url.port) }))
  const address = (role: string) => `postgres://${role}@127.0.0.1:${database.port}/kitaab`
  const settings = {
    LOG_LEVEL: 'fatal',
    DATABASE_URL: address('kitaab_app'),
    DATABASE_AUTH_URL: address('kitaab_auth'),
    DATABASE_WORKER_URL: address('kitaab_worker'),
    DATABASE_ADMIN_URL: address('kitaab_admin'),
    ...(redis ? { REDIS_URL: `redis://127.0.0.1:${redis.port}` } : {}),
  }
  let kitaab = await startKitaab(world, port, settings, 'kitaab-faults')
  return {
    world,
    database,
    redis,
    kitaab: () => kitaab,
    async startAgain() {
      await kitaab.ended
      kitaab = await startKitaab(world, port, settings, 'kitaab-faults')
    },
    async administrate(text, values) {
      const client = new pg.Client(world.connections.forAdministrator())
      await client.connect()
      try {
        return (await client.query(text, values)).rows
      } finally {
        await client.end()
      }
    },
    async untilReady() {
      const start = performance.now()
      while (performance.now() - start < 60_000) {
        const answered = await fetch(`${kitaab.url}/readyz`).catch(() => null)
        if (answered?.status === 200) return performance.now() - start
        await delay(20)
      }
      return Number.POSITIVE_INFINITY
    },
    async stop() {
      await kitaab.stop()
      await database.stop()
      await redis?.stop()
      await redisServer?.stop()
      await world.stop()
    },
  }
}
