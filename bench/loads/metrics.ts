// `npm run bench:metrics -- [--seconds 3] [--rounds 5] [--workload permission]`: what measuring costs. Two Kitaabs that differ in METRICS_PORT alone,
// asked in turn, the dearest case first: an answer that costs little else.
import { type Measured, measure } from '../driver/load.ts'
import { startKitaab } from '../servers/servers.ts'
import { workloads } from '../workloads/index.ts'
import { openWorld } from '../world/database.ts'
import { judge, options, table, yesterday } from './bench.ts'

const given = options({ seconds: '3', rounds: '5', workload: 'permission' })
const asked = workloads.find(({ name }) => name === given.workload)
if (!asked) throw new Error(`There is no workload "${given.workload}".`)

const size = { users: Number(given.users), days: Number(given.days), until: yesterday() }
const world = await openWorld(given.home, size, console.log)
const off = await startKitaab(world, 5_624, { LOG_LEVEL: 'warn', METRICS_PORT: '' }, 'kitaab-unmeasured')
const on = await startKitaab(world, 5_625, { LOG_LEVEL: 'warn' }, 'kitaab-load')
try {
  const rounds: { off: Measured; on: Measured }[] = []
  for (let round = 0; round <= Number(given.rounds); round += 1) {
    const load = { concurrency: 16, seconds: round === 0 ? 2 : Number(given.seconds), seed: 500 + round }
    const figures = {
      off: await measure(world, off, asked, load),
      on: await measure(world, on, asked, load),
    }
    if (round > 0) rounds.push(figures)
  }
  const rows = (['off', 'on'] as const).map((name) => [
    name,
    middle(rounds.map((round) => round[name].requestsPerSecond)).toFixed(0),
    middle(rounds.map((round) => round[name].serverCpu)).toFixed(0),
  ])
  console.log(table(['metrics', 'req/s', 'CPU us of a request'], rows))
  const cost = middle(rounds.map((round) => round.on.serverCpu / round.off.serverCpu - 1))
  const what = `processor time of a request that metrics take, ${asked.title}`
  judge([{ what, measured: `${(cost * 100).toFixed(1)} %`, goal: '< 5 %', reached: cost < 0.05 }])
} finally {
  await on.stop()
  await off.stop()
  await world.stop()
}

function middle(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
