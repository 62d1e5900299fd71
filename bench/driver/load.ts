import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import type { RunningServer, Sent } from '../servers/servers.ts'
import { randomFrom, type Workload } from '../workloads/workload.ts'
import type { World } from '../world/database.ts'
import { processorTime, processorTimeOfAll } from './processor-time.ts'

/** What one run of one workload against one server came to. Times in microseconds. */
export interface Measured {
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly serverCpu: number
  readonly databaseCpu: number
  /** Statements that PostgreSQL ran for a request. */
  readonly statements: number
  readonly bytes: number
  readonly errors: number
}

export interface LoadOptions {
  readonly concurrency: number
  readonly seconds: number
  readonly seed: number
  /** Different requests that are sent in turn; of what writes, more than are answered, as the second time there is nothing to write. */
  readonly requests?: number
}

const manyRequests = 2_000
const run = promisify(execFile)

/** Drives a server by wrk for some seconds. */
export async function measure(
  world: World,
  server: RunningServer,
  workload: Workload,
  { concurrency, seconds, seed, requests = workload.writes ? manyRequests * seconds : manyRequests }: LoadOptions,
): Promise<Measured> {
  const file = path.join(path.dirname(world.server.dataDirectory), 'requests.bin')
  writeFileSync(file, await requestsOf(world, server, workload, seed, requests))
  await untilIdle()
  const before = { cpu: processorTime(server.pid, world.server.dataDirectory), statements: await statementCalls(world) }
  const result = await wrk(server.url, file, concurrency, seconds)
  const after = { cpu: processorTime(server.pid, world.server.dataDirectory), statements: await statementCalls(world) }
  const per = (amount: number) => amount / Math.max(1, result.requests)
  return {
    requestsPerSecond: (result.requests * 1_000_000) / result.microseconds,
    p50: result.p50,
    p95: result.p95,
    p99: result.p99,
    serverCpu: per(after.cpu.server - before.cpu.server),
    databaseCpu: per(after.cpu.database - before.cpu.database),
    statements: per(after.statements - before.statements - 1),
    bytes: per(result.bytes),
    errors: result.failures + result.broken,
  }
}

const idleMs = 200
/** Of processor time in that while: what servers do by themselves. */
const idleMicroseconds = 20_000
const mostMsUntilIdle = 30_000

/**
 * Waits until no server, and no process of PostgreSQL, works: some go on with what their driver has given up, and whoever is next
 * would share the processors with them.
 */
async function untilIdle(): Promise<void> {
  const end = performance.now() + mostMsUntilIdle
  for (let used = Number.POSITIVE_INFINITY; used > idleMicroseconds && performance.now() < end; ) {
    const before = processorTimeOfAll()
    await setTimeout(idleMs)
    used = processorTimeOfAll() - before
  }
}

/** Asks a server everything once that `measure` asks it from the same seed. */
export async function askOnce(world: World, server: RunningServer, workload: Workload, seed: number): Promise<void> {
  await askEach(server, await questionsOf(world, server, workload, seed, manyRequests))
}

/** Asks each question once, 16 at a time. */
export async function askEach({ url }: RunningServer, questions: readonly Sent[]): Promise<void> {
  const left = questions.values()
  const some = async () => {
    for (const { path: target, headers, body } of left)
      await (await fetch(url + target, { method: 'POST', headers, body })).text()
  }
  await Promise.all(Array.from({ length: 16 }, some))
}

/** Different questions of a workload. */
export async function questionsOf(
  world: World,
  server: RunningServer,
  workload: Workload,
  seed: number,
  count: number,
) {
  const random = randomFrom(seed)
  const questions: Sent[] = []
  for (let index = 0; index < count; index += 1)
    questions.push(await server.request(workload, workload.asks(world.size, random)))
  return questions
}

async function requestsOf(world: World, server: RunningServer, workload: Workload, seed: number, count: number) {
  const { host } = new URL(server.url)
  const texts: string[] = []
  for (const { path: target, headers, body } of await questionsOf(world, server, workload, seed, count)) {
    const all = { host, 'content-length': String(Buffer.byteLength(body)), ...headers }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    texts.push(`POST ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}\0`)
  }
  return texts.join('')
}

interface Result {
  readonly requests: number
  readonly microseconds: number
  readonly bytes: number
  readonly failures: number
  readonly broken: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

async function wrk(url: string, file: string, concurrency: number, seconds: number): Promise<Result> {
  const script = path.join(import.meta.dirname, 'requests.lua')
  const args = ['-t1', `-c${concurrency}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url, '--', file]
  const { stdout, stderr } = await run('wrk', args)
  if (stderr) console.warn(`The first failure of ${url}: ${stderr.trim()}`)
  const line = stdout.split('\n').find((each) => each.startsWith('RESULT '))
  if (!line) throw new Error(`wrk told no result:\n${stdout}`)
  return JSON.parse(line.slice('RESULT '.length))
}

async function statementCalls(world: World): Promise<number> {
  return asAdministrator(world, async (client) => {
    const { rows } = await client.query('select coalesce(sum(calls), 0)::bigint as calls from pg_stat_statements')
    return Number(rows[0].calls)
  })
}

async function asAdministrator<Result>(world: World, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(world.connections.forAdministrator())
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Whether the driver is on this machine. */
export function hasWrk(): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      return readFileSync(path.join(folder, 'wrk')).length > 0
    } catch {
      return false
    }
  })
}
