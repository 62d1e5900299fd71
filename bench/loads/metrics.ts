// `npm run bench:metrics -- [--seconds 1] [--rounds 15] [--workload permission]`: what measuring costs. Three Kitaabs, of which one measures, asked in
// turn and in another order each round, the dearest case first: an answer that costs little else. What the other two differ by is chance.
import { type Measured, measure } from '../driver/load.ts'
import { startKitaab } from '../servers/servers.ts'
import { workloads } from '../workloads/index.ts'
import { openWorld } from '../world/database.ts'
import { judge, options, table, yesterday } from './bench.ts'

const given = options({ seconds: '1', rounds: '15', workload: 'permission' })
const asked = workloads.find(({ name }) => name === given.workload)
if (!asked) throw new Error(`There is no workload "${given.workload}".`)

const size = { users: Number(given.users), days: Number(given.days), until: yesterday() }
const world = await openWorld(given.home, size, console.log)
const compared = [
  { name: 'off', settings: { METRICS_PORT: '' }, rounds: [] as Measured[] },
  { name: 'off, again', settings: { METRICS_PORT: '' }, rounds: [] as Measured[] },
  { name: 'on', settings: { METRICS_PORT: '0' }, rounds: [] as Measured[] },
] as const
const stops: (() => Promise<void>)[] = []
try {
  const servers = []
  for (const [index, { settings, rounds }] of compared.entries()) {
    const server = await startKitaab(
      world,
      5_624 + index,
      { LOG_LEVEL: 'warn', ...settings },
      `kitaab-metrics-${index}`,
    )
    stops.push(() => server.stop())
    servers.push({ server, rounds })
  }
  // Three to warm: until then each makes its code and its plans.
  for (let round = -3; round < Number(given.rounds); round += 1) {
    for (const { server, rounds } of servers) {
      const measured = await measure(world, server, asked, {
        concurrency: 16,
        seconds: Number(given.seconds),
        seed: 500 + round,
      })
      if (round >= 0) rounds.push(measured)
    }
    servers.push(...servers.splice(0, 1))
  }
  const [off, again, on] = compared.map(({ rounds }) => rounds) as [Measured[], Measured[], Measured[]]
  const rows = compared.map(({ name, rounds }) => [
    name,
    middle(rounds.map(({ requestsPerSecond }) => requestsPerSecond)).toFixed(0),
    middle(rounds.map(({ serverCpu }) => serverCpu)).toFixed(0),
  ])
  console.log(table(['metrics', 'req/s', 'CPU us of a request'], rows))
  const over = (some: Measured[], others: Measured[]) =>
    middle(some.map(({ serverCpu }, round) => serverCpu / (others[round]?.serverCpu ?? Number.NaN) - 1))
  console.log(`\nThe two that do not measure differ by ${percent(over(again, off))}.`)
  const cost = (over(on, off) + over(on, again)) / 2
  const what = `processor time of a request that metrics take, ${asked.title}`
  judge([{ what, measured: percent(cost), goal: '< 5 %', reached: cost < 0.05 }])
} finally {
  for (const stop of stops) await stop()
  await world.stop()
}

function middle(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
