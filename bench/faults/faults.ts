// The faults, each as what is done while writers write. What it returns was seen besides; `ready` is measured when it returns.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { overload, slowLoris } from './pressure.ts'
import type { Mode } from './proxy.ts'
import type { Stage } from './stage.ts'

export interface Fault {
  readonly name: string
  readonly title: string
  /** Needs a Redis to be tried with. */
  readonly redis?: boolean
  /** A process that ends is what is tried. */
  readonly ends?: boolean
  /** What it may show that is wrong, or nothing. */
  happen(stage: Stage): Promise<{ readonly note?: string; readonly wrong?: string }>
}

const redisBecomes =
  (mode: Mode, milliseconds: number): Fault['happen'] =>
  async ({ redis }) => {
    redis?.become(mode)
    await delay(milliseconds)
    redis?.become('pass')
    redis?.cut()
    return {}
  }

export const faults: readonly Fault[] = [
  {
    name: 'backend',
    title: 'PostgreSQL backends terminated mid-query, 20 times',
    async happen({ administrate }) {
      let ended = 0
      for (let time = 0; time < 20; time += 1) {
        const rows = await administrate(
          `select pg_terminate_backend(pid) from pg_stat_activity where usename like 'kitaab_%' and state = 'active'`,
        )
        ended += rows.length
        await delay(100)
      }
      return { note: `${ended} backends` }
    },
  },
  {
    name: 'cut',
    title: 'all clients cut while transactions are open, 10 times',
    async happen({ administrate, database }) {
      let open = 0
      for (let time = 0; time < 200 && open < 10; time += 1) {
        const rows = await administrate(
          `select from pg_stat_activity where usename like 'kitaab_%' and state like 'idle in transaction%'`,
        )
        if (rows.length > 0) {
          open += 1
          database.cut()
          await delay(100)
        }
      }
      return { note: `${open} times with a transaction open` }
    },
  },
  {
    name: 'restart',
    title: 'PostgreSQL stopped at once (SIGQUIT) and restarted under inserts',
    async happen({ world, administrate }) {
      const start = performance.now()
      const file = path.join(world.server.dataDirectory, 'postmaster.pid')
      process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGQUIT')
      // Until PostgreSQL itself answers again: from there on Kitaab's readiness is measured.
      for (let time = 0; time < 600; time += 1) {
        await delay(50)
        if (await administrate('select 1').catch(() => null))
          return { note: `PostgreSQL back after ${Math.round(performance.now() - start)} ms` }
      }
      return { wrong: 'PostgreSQL did not come back' }
    },
  },
  {
    name: 'redis-stopped',
    title: 'Redis stopped for 3 s, and restarted',
    redis: true,
    happen: redisBecomes('refuse', 3_000),
  },
  { name: 'redis-slow', title: 'Redis slow: 2 s an answer', redis: true, happen: redisBecomes('slow', 4_000) },
  { name: 'redis-nonsense', title: 'Redis answers nonsense', redis: true, happen: redisBecomes('nonsense', 3_000) },
  {
    name: 'pool',
    title: 'pools exhausted: a lock holds up every write for 5 s',
    async happen({ world }) {
      const client = new pg.Client(world.connections.forAdministrator())
      await client.connect()
      await client.query('begin; lock table entries in exclusive mode')
      await delay(5_000)
      await client.query('rollback')
      await client.end()
      return {}
    },
  },
  {
    name: 'killed',
    title: 'Kitaab killed (SIGKILL) in its transactions, and started again',
    ends: true,
    async happen({ kitaab, startAgain }) {
      process.kill(kitaab().pid, 'SIGKILL')
      const start = performance.now()
      await startAgain()
      return { note: `first answer ${Math.round(performance.now() - start)} ms after the kill` }
    },
  },
  {
    name: 'sigterm',
    title: 'Kitaab told to end (SIGTERM) under load, and started again',
    ends: true,
    async happen({ kitaab, startAgain }) {
      const start = performance.now()
      process.kill(kitaab().pid, 'SIGTERM')
      const code = await kitaab().ended
      const took = Math.round(performance.now() - start)
      await startAgain()
      return { note: `drained in ${took} ms, exit code ${code}`, ...(code === 0 ? {} : { wrong: `exit code ${code}` }) }
    },
  },
  { name: 'slow-loris', title: 'slow-loris: 300 connections, a byte a second each', happen: slowLoris },
  { name: 'overload', title: 'three times the load that it carries', happen: overload },
]
