// `npm run bench:open -- [--dashboards 5000] [--every 10] [--entries 10000] [--seconds 180] [--workload dashboard-totals]`: open dashboards that
// each refresh every so many seconds, and beside them so many entries a minute.
import { askEach, questionsOf } from '../driver/load.ts'
import { arrive } from '../driver/open-load.ts'
import type { Sent } from '../servers/servers.ts'
import { record, workloads } from '../workloads/index.ts'
import { atMost, judge, latencyTable, none, options, requestsOf, withKitaab } from './bench.ts'

const given = options({
  dashboards: '5000',
  every: '10',
  entries: '10000',
  seconds: '180',
  workload: 'dashboard-totals',
})
const shown = workloads.find(({ name }) => name === given.workload)
if (!shown) throw new Error(`There is no workload "${given.workload}".`)

await withKitaab(given, 5_620, {}, async (bench) => {
  const seconds = Number(given.seconds)
  const { world, kitaab } = bench
  // They are open: each has been asked for once, and its person's token seen.
  const dashboards = await questionsOf(world, kitaab, shown, 31, Number(given.dashboards))
  await askEach(kitaab, dashboards)
  let asked = 0
  const refresh = async () => dashboards[asked++ % dashboards.length] as Sent
  const refreshes = { perSecond: dashboards.length / Number(given.every), seconds, warmSeconds: 5 }
  const entries = { perSecond: Number(given.entries) / 60, seconds, warmSeconds: 5 }
  console.log(
    `${refreshes.perSecond} dashboards and ${entries.perSecond.toFixed(0)} entries a second, for ${seconds} s.`,
  )
  const [refreshed, recorded] = await Promise.all([
    arrive(kitaab.url, { ...refreshes, next: refresh }),
    arrive(kitaab.url, { ...entries, next: requestsOf(bench, record, 32) }),
  ])
  console.log(
    latencyTable([
      [shown.title, refreshed],
      [record.title, recorded],
    ]),
  )
  judge([
    atMost('dashboards, p95', refreshed.p95, 200),
    atMost('entries, p95', recorded.p95, 50),
    none('errors', refreshed.errors + recorded.errors),
  ])
})
