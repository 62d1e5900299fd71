// What the loads share: a world with Kitaab over it, options, and tables with a verdict.
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Latencies } from '../driver/open-load.ts'
import { type RunningServer, startKitaab } from '../servers/servers.ts'
import { type Ask, randomFrom, type Workload } from '../workloads/workload.ts'
import { openWorld, type World } from '../world/database.ts'

const defaults = { users: '2000', days: '366', home: path.join(import.meta.dirname, '../.home') }

/** The options of a load: those of all, and its own with their defaults. */
export function options<Own extends Record<string, string>>(
  own: Own,
): Record<keyof Own | keyof typeof defaults, string> {
  const all = { ...defaults, ...own }
  const described = Object.entries(all).map(([name, value]) => [name, { type: 'string' as const, default: value }])
  return parseArgs({ options: Object.fromEntries(described) }).values as Record<
    keyof Own | keyof typeof defaults,
    string
  >
}

/** The world ends on the day before today, so that it is no future in any time zone. */
export function yesterday(): string {
  return new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
}

export interface Bench {
  readonly world: World
  readonly kitaab: RunningServer
}

/** Runs a load against Kitaab over the world, and stops both whatever happens. */
export async function withKitaab(
  given: { home: string; users: string; days: string },
  port: number,
  settings: Record<string, string>,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const size = { users: Number(given.users), days: Number(given.days), until: yesterday() }
  const world = await openWorld(given.home, size, console.log)
  try {
    const kitaab = await startKitaab(world, port, { LOG_LEVEL: 'warn', ...settings }, 'kitaab-load')
    try {
      await work({ world, kitaab })
    } finally {
      await kitaab.stop()
    }
  } finally {
    await world.stop()
  }
}

/** The requests of a workload, one after the other, from a fixed seed. */
export function requestsOf({ world, kitaab }: Bench, workload: Workload, seed: number, change = (ask: Ask) => ask) {
  const random = randomFrom(seed)
  return () => kitaab.request(workload, change(workload.asks(world.size, random)))
}

export interface Verdict {
  readonly what: string
  readonly measured: string
  readonly goal: string
  readonly reached: boolean
}

export function atMost(what: string, milliseconds: number, goal: number): Verdict {
  return { what, measured: `${milliseconds.toFixed(1)} ms`, goal: `< ${goal} ms`, reached: milliseconds < goal }
}

export function none(what: string, count: number): Verdict {
  return { what, measured: String(count), goal: '0', reached: count === 0 }
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

export function latencyTable(rows: readonly (readonly [string, Latencies])[]): string {
  const figures = rows.map(([name, { sent, errors, p50, p95, p99, most }]) => [
    name,
    String(sent),
    ...[p50, p95, p99, most].map((milliseconds) => milliseconds.toFixed(1)),
    String(errors),
  ])
  return table(['load', 'requests', 'p50 ms', 'p95 ms', 'p99 ms', 'most ms', 'errors'], figures)
}

/** Prints what was to be reached and whether it was. */
export function judge(verdicts: readonly Verdict[]): void {
  const rows = verdicts.map(({ what, measured, goal, reached }) => [
    what,
    measured,
    goal,
    reached ? 'reached' : 'not reached',
  ])
  console.log(`\n${table(['what', 'measured', 'goal', 'verdict'], rows)}\n`)
}
