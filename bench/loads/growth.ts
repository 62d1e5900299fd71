// `npm run bench:growth -- [--entries 100000,1000000,10000000] [--times 400]`: does one user's dashboard stay the same while the entries of others
// grow? One world per size, each with its own PostgreSQL and Kitaab, asked in turn; no answers kept.
import { Agent } from 'node:http'
import path from 'node:path'
import { percentiles, send } from '../driver/open-load.ts'
import { type RunningServer, startKitaab } from '../servers/servers.ts'
import { dashboardTotals, dashboardWide } from '../workloads/index.ts'
import { randomFrom } from '../workloads/workload.ts'
import { openWorld, type World } from '../world/database.ts'
import { judge, options, table, type Verdict, yesterday } from './bench.ts'

const given = options({ entries: '100000,1000000,10000000', times: '400' })
const days = Number(given.days)
const stops: (() => Promise<void>)[] = []
const sizes: { entries: number; world: World; kitaab: RunningServer }[] = []
/** The people who ask: the same in every world. */
const asking = 20

try {
  for (const [index, entries] of given.entries.split(',').map(Number).entries()) {
    const users = Math.max(asking + 1, Math.round(entries / (days * 6)))
    const home = path.join(given.home, 'growth', String(entries))
    const world = await openWorld(home, { users, days, until: yesterday() }, console.log)
    stops.unshift(() => world.stop())
    const kitaab = await startKitaab(world, 5_630 + index, { LOG_LEVEL: 'warn', CACHE: 'off' }, 'kitaab-load')
    stops.unshift(() => kitaab.stop())
    sizes.push({ entries, world, kitaab })
  }
  const verdicts: Verdict[] = []
  for (const workload of [dashboardWide, dashboardTotals]) {
    const agent = new Agent({ keepAlive: true })
    const took = sizes.map((): number[] => [])
    for (let time = -50; time < Number(given.times); time += 1)
      for (const [at, { world, kitaab }] of sizes.entries()) {
        const ask = workload.asks({ ...world.size, users: asking + 1 }, randomFrom(time + 1_000))
        const sent = await kitaab.request(workload, ask)
        const start = performance.now()
        const answered = await send(agent, kitaab.url, sent)
        if (answered !== 'ok') throw new Error(answered)
        if (time >= 0) took[at]?.push(performance.now() - start)
      }
    agent.destroy()
    const figures = took.map((times) => percentiles(times))
    const rows = sizes.map(({ entries }, at) => [
      entries.toLocaleString('en'),
      figures[at]?.p50.toFixed(2) ?? '',
      figures[at]?.p95.toFixed(2) ?? '',
    ])
    console.log(`\n${workload.title}\n\n${table(['entries of all', 'p50 ms', 'p95 ms'], rows)}`)
    const middles = figures.map(({ p50 }) => p50)
    const ratio = Math.max(...middles) / Math.min(...middles)
    verdicts.push({ what: workload.title, measured: ratio.toFixed(2), goal: '<= 1.20', reached: ratio <= 1.2 })
  }
  judge(verdicts)
} finally {
  for (const stop of stops) await stop()
}
