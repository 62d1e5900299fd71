// `npm run faults -- [--only restart,redis-slow] [--home folder] [--write]`: each fault while writers write, and what became of what they were told.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { table } from '../loads/bench.ts'
import { fillIn } from '../write-figures.ts'
import { type Fault, faults } from './faults.ts'
import { startWriters } from './oracle.ts'
import { type Stage, setStage } from './stage.ts'

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    home: { type: 'string', default: path.join(import.meta.dirname, '../.home/faults') },
    write: { type: 'boolean', default: false },
  },
})
const names = given.only?.split(',')
const isAsked = (name: string) => names === undefined || names.includes(name)
const rows: string[][] = []
let failed = 0

const stage = await setStage(given.home, 5_640)
try {
  for (const fault of faults) if (isAsked(fault.name)) await attempt(stage, fault)
} finally {
  await stage.stop()
}
if (isAsked('disk')) await diskFull()

const heads = ['what was done', 'acknowledged', 'lost', 'doubled', 'what clients saw besides', 'ready after', 'verdict']
const result = table(heads, rows)
console.log(result)
if (given.write) {
  const machine = `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'processor'}`
  const head = `${new Date().toISOString().slice(0, 10)}, ${machine}, Node ${process.versions.node}.`
  fillIn(path.join(import.meta.dirname, '../README.md'), 'faults', `${head}\n\n${result}`)
}
process.exitCode = failed > 0 ? 1 : 0

async function attempt(on: Stage, fault: Fault): Promise<void> {
  console.log(`${fault.title} ...`)
  if (fault.redis && !on.redis)
    return void rows.push([fault.title, '-', '-', '-', 'not tried: no redis-server', '-', '-'])
  const writers = await startWriters(on.world, on.kitaab)
  await delay(1_000)
  const { pid } = on.kitaab()
  const { note, wrong } = await fault.happen(on)
  const ready = await on.untilReady()
  const before = writers.acknowledged()
  await delay(1_000)
  const goesOn = writers.acknowledged() > before
  const { acknowledged, lost, doubled } = await writers.finish()
  const problems = [
    ...(wrong === undefined ? [] : [wrong]),
    ...(lost + doubled > 0 ? ['writes are not as acknowledged'] : []),
    ...(ready > 5_000 ? ['not ready within 5 s'] : []),
    ...(goesOn ? [] : ['nothing was written after it']),
    ...(fault.ends || isAlive(pid) ? [] : ['the process ended']),
    ...writers.leaks.slice(0, 1).map((leak) => `an answer shows what is inside: ${leak}`),
  ]
  if (problems.length > 0) failed += 1
  const seen = [...writers.seen].map(([what, count]) => `${count} x ${what}`).join(', ') || 'nothing'
  const figures = [acknowledged, lost, doubled].map(String)
  const saw = note === undefined ? seen : `${seen} (${note})`
  rows.push([
    fault.title,
    ...figures,
    saw,
    `${Math.round(ready)} ms`,
    problems.length > 0 ? problems.join('; ') : 'held',
  ])
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** On a small disk of its own, which only the superuser can make. */
async function diskFull(): Promise<void> {
  const title = 'the disk full for 5 s'
  const home = path.join(os.tmpdir(), `kitaab-full-${process.pid}`)
  mkdirSync(home, { mode: 0o755 })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=755', 'tmpfs', home]).status === 0
  if (!mounted) {
    rmSync(home, { recursive: true })
    return void rows.push([title, '-', '-', '-', 'not tried: no small disk could be mounted here', '-', '-'])
  }
  try {
    const small = await setStage(home, 5_641, 20)
    const filler = path.join(home, 'filler')
    try {
      await attempt(small, {
        name: 'disk',
        title,
        async happen({ administrate }) {
          const { bavail, bsize } = statfsSync(home)
          // PostgreSQL may take some of the room meanwhile: then it is full before all is written.
          try {
            writeFileSync(filler, Buffer.alloc(bavail * bsize))
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
          }
          // Writes enough that PostgreSQL must ask for more.
          const told = await administrate(
            'create table filler as select repeat(md5(n::text), 20) from generate_series(1, 200000) as n',
          ).then(
            () => 'found room',
            (error: Error) => error.message,
          )
          await delay(5_000)
          rmSync(filler)
          return { note: `PostgreSQL: ${told}` }
        },
      })
    } finally {
      rmSync(filler, { force: true })
      await small.stop()
    }
  } finally {
    spawnSync('umount', [home])
    rmSync(home, { recursive: true, force: true })
  }
}
