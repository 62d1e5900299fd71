// `npm run bench:profile -- [--workload permission,record] [--concurrency 4] [--seconds 8]`: where the processor time of one request
// goes. Totals come from /proc and pg_stat_statements of a Kitaab that nothing watches, Node's steps from the shares of a second one under --cpu-prof.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type LoadOptions, measure } from '../driver/load.ts'
import { options, table, yesterday } from '../loads/bench.ts'
import { limit, type RunningServer, startKitaab } from '../servers/servers.ts'
import { workloads } from '../workloads/index.ts'
import type { Workload } from '../workloads/workload.ts'
import { openWorld } from '../world/database.ts'
import { statementsBetween } from './statements.ts'
import { now, sharesOfSteps, steps } from './steps.ts'

const given = options({ concurrency: '4', seconds: '8', workload: '' })
const names = given.workload.split(',').filter((name) => name !== '')
const asked = workloads.filter(({ name }) => name !== 'analytics' && (names.length === 0 || names.includes(name)))
if (asked.length < names.length)
  throw new Error(`There are the workloads ${workloads.map(({ name }) => name).join(', ')}.`)

const size = { users: Number(given.users), days: Number(given.days), until: yesterday() }
const world = await openWorld(given.home, size, console.log)
const folder = mkdtempSync(path.join(tmpdir(), 'kitaab-profile-'))
const running: RunningServer[] = []
const profiled: { workload: Workload; from: number; to: number; columns: Map<string, number> }[] = []
try {
  const start = async (server: Promise<RunningServer>) => {
    running.push(await server)
    return await server
  }
  const settings = { CACHE: 'off', LOG_LEVEL: 'info' }
  const plain = await start(startKitaab(world, 5_630, settings, 'kitaab-plain'))
  const watched = await start(
    startKitaab(world, 5_631, { ...settings, NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` }, 'kitaab-watched'),
  )
  const least = await start(limit.start(world, 5_632))
  for (const workload of asked) profiled.push(await profile(workload, { plain, watched, least }))
} finally {
  for (const server of running) await server.stop()
  await world.stop()
}
const [file = ''] = readdirSync(folder)
const shares = profiled.map(({ from, to }) => sharesOfSteps(path.join(folder, file), from, to))
rmSync(folder, { recursive: true })
const inColumn = (row: string) =>
  profiled.map(({ columns }, index) => columns.get(row) ?? (shares[index]?.get(row) ?? 0) * (columns.get('Node') ?? 0))
const rows = [
  ...steps,
  'Node',
  'PostgreSQL',
  'its statements, by its own clock',
  'the limit: Node',
  'the limit: PostgreSQL',
]
console.log(
  table(
    ['microseconds of one request', ...profiled.map(({ workload }) => workload.name)],
    rows.map((row) => [row, ...inColumn(row).map((time) => time.toFixed(0))]),
  ),
)

async function profile(
  workload: Workload,
  { plain, watched, least }: { plain: RunningServer; watched: RunningServer; least: RunningServer },
) {
  const load = (seed: number, seconds: number): LoadOptions => ({
    concurrency: Number(given.concurrency),
    seconds,
    seed,
  })
  let seed = 900
  // What was written would be there already the next time.
  const next = () => (workload.writes ? seed++ : seed)
  for (const server of [plain, watched, least]) await measure(world, server, workload, load(next(), 4))
  const statements = await statementsBetween(world, () =>
    measure(world, plain, workload, load(next(), Number(given.seconds))),
  )
  const { result: total, texts, microseconds } = statements
  const from = now()
  await measure(world, watched, workload, load(next(), Number(given.seconds)))
  const to = now()
  const lowest = await measure(world, least, workload, load(next(), Number(given.seconds)))
  const requests = total.requestsPerSecond * Number(given.seconds)
  console.log(`\n${workload.title}: ${total.statements.toFixed(1)} statements a request\n`)
  for (const { calls, time, text } of texts)
    console.log(`${(time / requests).toFixed(0).padStart(6)} us, ${(calls / requests).toFixed(2)} times: ${text}`)
  const columns = new Map([
    ['Node', total.serverCpu],
    ['PostgreSQL', total.databaseCpu],
    ['its statements, by its own clock', microseconds / requests],
    ['the limit: Node', lowest.serverCpu],
    ['the limit: PostgreSQL', lowest.databaseCpu],
  ])
  return { workload, from, to, columns }
}
