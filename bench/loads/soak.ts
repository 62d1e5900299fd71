// `npm run bench:soak -- [--minutes 30] [--every 30] [--perSecond 60]`: do memory and connections stay flat under a load that lasts?
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { arrive } from '../driver/open-load.ts'
import { dashboardTotals, dashboardWide, hierarchy, merits, record, sharedEntries } from '../workloads/index.ts'
import { type Bench, judge, none, options, requestsOf, table, withKitaab } from './bench.ts'

const given = options({ minutes: '30', every: '30', perSecond: '60' })
const mixed = [dashboardWide, dashboardTotals, hierarchy, sharedEntries, merits, record]

interface Sample {
  readonly megabytes: number
  readonly connections: number
  readonly p95: number
  readonly errors: number
}

await withKitaab(given, 5_622, {}, async (bench) => {
  const seconds = Number(given.every)
  const samples: Sample[] = []
  const heads = ['minute', 'memory MB', 'connections', 'p95 ms', 'errors']
  console.log(table(heads, []))
  for (let index = 0; index < Math.max(3, (Number(given.minutes) * 60) / seconds); index += 1) {
    const nexts = mixed.map((workload, at) => requestsOf(bench, workload, 1_000 * index + at))
    let turn = 0
    const next = () => nexts[turn++ % nexts.length]?.() ?? Promise.reject(new Error('nothing to ask'))
    const { p95, errors } = await arrive(bench.kitaab.url, {
      perSecond: Number(given.perSecond),
      seconds,
      next,
    })
    const sample = { megabytes: memoryOf(bench.kitaab.pid), connections: await connectionsOf(bench), p95, errors }
    samples.push(sample)
    const minute = (((index + 1) * seconds) / 60).toFixed(1)
    console.log(
      `| ${minute} | ${sample.megabytes.toFixed(0)} | ${sample.connections} | ${p95.toFixed(1)} | ${errors} |`,
    )
  }
  judgeSoak(samples)
})

/** The last third beside the second: the first still warms. */
function judgeSoak(samples: readonly Sample[]): void {
  const third = Math.floor(samples.length / 3)
  const least = (from: number, to: number) => Math.min(...samples.slice(from, to).map(({ megabytes }) => megabytes))
  const growth = least(2 * third, samples.length) / least(third, 2 * third)
  const connections = samples.slice(third).map((sample) => sample.connections)
  judge([
    {
      what: 'memory, last third beside the second',
      measured: growth.toFixed(2),
      goal: '<= 1.10',
      reached: growth <= 1.1,
    },
    {
      what: 'connections, most',
      measured: String(Math.max(...connections)),
      goal: 'as many as in the second third',
      reached: Math.max(...connections.slice(third)) <= Math.max(...connections.slice(0, third)),
    },
    none(
      'errors',
      samples.reduce((sum, { errors }) => sum + errors, 0),
    ),
  ])
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

async function connectionsOf({ world }: Bench): Promise<number> {
  const client = new pg.Client(world.connections.forAdministrator())
  await client.connect()
  try {
    const { rows } = await client.query(`select count(*)::integer as open from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`)
    return rows[0].open
  } finally {
    await client.end()
  }
}
