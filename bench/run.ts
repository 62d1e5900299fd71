// `npm run bench -- [--workload dashboard-wide,record] [--peers kitaab,limit] [--concurrency 1,16,64] [--seconds 5] [--rounds 3] [--users 2000]`
// See bench/README.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compareAnswers } from './driver/compare.ts'
import { hasWrk, type Measured, measure } from './driver/load.ts'
import { markdown, type Report } from './report.ts'
import { kitaab, limit, type RunningServer, type Server } from './servers/servers.ts'
import { workloads } from './workloads/index.ts'
import { openWorld, type World } from './world/database.ts'

const all: readonly Server[] = [limit, kitaab]

const { values: given } = parseArgs({
  options: {
    workload: { type: 'string' },
    peers: { type: 'string' },
    concurrency: { type: 'string', default: '1,16,64' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    users: { type: 'string', default: '2000' },
    days: { type: 'string', default: '366' },
    home: { type: 'string', default: path.join(import.meta.dirname, '.home') },
  },
})

const chosen = <Named extends { name: string }>(
  names: string | undefined,
  from: readonly Named[],
  what: string,
): readonly Named[] => {
  if (names === undefined) return from
  return names.split(',').map((name) => {
    const found = from.find((each) => each.name === name)
    if (!found) throw new Error(`There is no ${what} "${name}"; there are ${from.map((each) => each.name).join(', ')}.`)
    return found
  })
}

if (!hasWrk()) throw new Error('The bench drives servers by wrk: install it (Debian: apt-get install wrk).')
const asked = chosen(given.workload, workloads, 'workload')
// The limit is what all others are compared with.
const servers = [limit, ...chosen(given.peers, all, 'server').filter(({ name }) => name !== limit.name)]
const size = { users: Number(given.users), days: Number(given.days), until: yesterday() }
const world = await openWorld(given.home, size, console.log)
const running: RunningServer[] = []
try {
  for (const [index, server] of servers.entries()) running.push(await server.start(world, 5_600 + index))
  const report = await measured(world)
  const folder = path.join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(path.join(folder, 'latest.md'), `${markdown(report, asked)}\n`)
  console.log(markdown(report, asked))
} finally {
  for (const server of running) await server.stop()
  await world.stop()
}

async function measured({ size: { users, days } }: World): Promise<Report> {
  const series = []
  for (const workload of asked) {
    await compareAnswers(running, workload, size)
    console.log(`${workload.name}: all answer alike.`)
    for (const concurrency of given.concurrency.split(',').map(Number)) {
      const rounds = new Map<string, Measured[]>(running.map(({ name }) => [name, []]))
      // Warm first, then A B C, A B C: whatever else this machine does, it does to all.
      for (let round = 0; round <= Number(given.rounds); round += 1)
        for (const server of running) {
          const seconds = round === 0 ? 1 : Number(given.seconds)
          const figures = await measure(world, server, workload, { concurrency, seconds, seed: 100 + round })
          if (round > 0) rounds.get(server.name)?.push(figures)
        }
      for (const [server, figures] of rounds)
        series.push({ workload: workload.name, concurrency, server, rounds: figures })
    }
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}`
  return { at: new Date().toISOString().slice(0, 10), machine, world: `${users} people, ${days} days`, series }
}

/** The world ends on the day before today, so that it is no future in any time zone. */
function yesterday(): string {
  return new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
}
