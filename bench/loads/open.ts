// `npm run bench:open -- [--dashboards 5000] [--every 10] [--entries 10000] [--seconds 180] [--workload dashboard-totals]`: open dashboards that
// each refresh every so many seconds, and beside them so many entries a minute.
import { arrive } from '../driver/open-load.ts'
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
  const { url } = bench.kitaab
  const refreshes = { perSecond: Number(given.dashboards) / Number(given.every), seconds, warmSeconds: 5 }
  const entries = { perSecond: Number(given.entries) / 60, seconds, warmSeconds: 5 }
  console.log(
    `${refreshes.perSecond} dashboards and ${entries.perSecond.toFixed(0)} entries a second, for ${seconds} s.`,
  )
  const [dashboards, recorded] = await Promise.all([
    arrive(url, { ...refreshes, next: requestsOf(bench, shown, 31) }),
    arrive(url, { ...entries, next: requestsOf(bench, record, 32) }),
  ])
  console.log(
    latencyTable([
      [shown.title, dashboards],
      [record.title, recorded],
    ]),
  )
  judge([
    atMost('dashboards, p95', dashboards.p95, 200),
    atMost('entries, p95', recorded.p95, 50),
    none('errors', dashboards.errors + recorded.errors),
  ])
})
