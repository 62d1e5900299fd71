// `npm run bench -- [--workload dashboard,record] [--peers kitaab,limit] [--concurrency 1,16,64] [--seconds 5] [--rounds 3] [--users 2000]
// [--write]`: see bench/README.md, whose figures --write renews.
import { cpus } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compareAnswers } from './driver/compare.ts'
import { askOnce, hasWrk, type Measured, measure } from './driver/load.ts'
import { yesterday } from './loads/bench.ts'
import { markdown, type Refusal, type Report, type Series } from './report.ts'
import { peers } from './servers/peers.ts'
import { kitaab, kitaabUncached, limit, type RunningServer, type Server } from './servers/servers.ts'
import { workloads } from './workloads/index.ts'
import type { Workload } from './workloads/workload.ts'
import { openWorld, type World } from './world/database.ts'
import { writeFigures } from './write-figures.ts'

const firstSeed = 100
const warming = { concurrency: 16, seconds: 4 }
const readme = path.join(import.meta.dirname, 'README.md')
const all: readonly Server[] = [limit, kitaab, kitaabUncached, ...peers]

const { values: given } = parseArgs({
  options: {
    workload: { type: 'string' },
    peers: { type: 'string' },
    concurrency: { type: 'string', default: '1,16,64' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    users: { type: 'string', default: '2000' },
    days: { type: 'string', default: '366' },
    write: { type: 'boolean', default: false },
    home: { type: 'string', default: path.join(import.meta.dirname, '.home') },
  },
})

/** By name, or all whose names begin so: `dashboard` is both dashboards. */
const chosen = <Named extends { name: string }>(
  names: string | undefined,
  from: readonly Named[],
  what: string,
): readonly Named[] => {
  if (names === undefined) return from
  return names.split(',').flatMap((name) => {
    const exact = from.filter((each) => each.name === name)
    const found = exact.length > 0 ? exact : from.filter((each) => each.name.startsWith(`${name}-`))
    if (found.length === 0)
      throw new Error(`There is no ${what} "${name}"; there are ${from.map((each) => each.name).join(', ')}.`)
    return found
  })
}

if (!hasWrk()) throw new Error('The bench drives servers by wrk: install it (Debian: apt-get install wrk).')
// What writes comes last, so that all read the same world.
const asked = chosen(given.workload, workloads, 'workload').toSorted((a, b) => Number(!!a.writes) - Number(!!b.writes))
// The limit is what all others are compared with.
const servers = [limit, ...chosen(given.peers, all, 'server').filter(({ name }) => name !== limit.name)]
const size = { users: Number(given.users), days: Number(given.days), until: yesterday() }
const world = await openWorld(given.home, size, console.log)
const running: RunningServer[] = []
try {
  for (const [index, server] of servers.entries()) running.push(await server.start(world, 5_600 + index))
  const report = await measured(world)
  writeFigures(given.home, report, asked)
  if (given.write) writeFigures(path.join(import.meta.dirname, 'results'), report, asked, readme)
  console.log(markdown(report, asked))
} finally {
  for (const server of running) await server.stop()
  await world.stop()
}

async function measured({ size: { users, days } }: World): Promise<Report> {
  const series: Series[] = []
  const refusals: Refusal[] = []
  for (const workload of asked) {
    const answering = running.filter(({ name }) => {
      const why = servers.find((server) => server.name === name)?.refuses?.(workload) ?? null
      if (why !== null) refusals.push({ workload: workload.name, server: name, why })
      return why === null
    })
    await compareAnswers(answering, workload, world.size)
    console.log(`${workload.name}: all answer alike.`)
    for (const server of answering) await server.greet?.()
    for (const [index, server] of answering.entries())
      await measure(world, server, workload, { ...warming, seed: seedOf(workload, 0, 0, index) })
    for (const concurrency of given.concurrency.split(',').map(Number)) {
      const rounds = await roundsOf(answering, workload, concurrency)
      for (const [server, figures] of rounds)
        series.push({ workload: workload.name, concurrency, server, rounds: figures })
    }
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}`
  const at = new Date().toISOString().slice(0, 10)
  return { at, machine, world: `${users} people, ${days} days`, series, refusals }
}

/** What was written would be there already the next time, and for the next server. */
function seedOf({ writes }: Workload, concurrency: number, round: number, server: number): number {
  return firstSeed + (writes ? round + 1_000 * (server + 1) + 100_000 * concurrency : 0)
}

/** Warm first, then A B C, A B C: whatever else this machine does, it does to all. */
async function roundsOf(answering: readonly RunningServer[], workload: Workload, concurrency: number) {
  const rounds = new Map<string, Measured[]>(answering.map(({ name }) => [name, []]))
  for (const server of answering)
    if (server.keeps && !workload.writes) await askOnce(world, server, workload, firstSeed)
  for (let round = 0; round <= Number(given.rounds); round += 1)
    for (const [index, server] of answering.entries()) {
      const seconds = round === 0 ? 1 : Number(given.seconds)
      const seed = seedOf(workload, concurrency, round, index)
      const figures = await measure(world, server, workload, { concurrency, seconds, seed })
      if (round > 0) rounds.get(server.name)?.push(figures)
    }
  return rounds
}
