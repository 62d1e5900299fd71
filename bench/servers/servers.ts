import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { keepStatistics } from '../../src/domains/analytics/keeping.ts'
import { allScopes } from '../../src/domains/identity/rules.ts'
import { makeAccessTokens } from '../../src/domains/identity/services/access-tokens.ts'
import { openKeyRing } from '../../src/domains/identity/services/key-ring.ts'
import type { DB } from '../../src/generated/database.ts'
import { withClient, withKysely } from '../../src/platform/database/migrator.ts'
import type { Ask, Row, Workload } from '../workloads/workload.ts'
import type { World } from '../world/database.ts'

/** What is sent for one ask. */
export interface Sent {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A server that answers the workloads, not started yet. */
export interface Server {
  readonly name: string
  readonly title: string
  /** Why this server is not asked a workload, or null. */
  refuses?(workload: Workload): string | null
  start(world: World, port: number): Promise<RunningServer>
}

export interface RunningServer {
  readonly name: string
  readonly pid: number
  readonly url: string
  request(workload: Workload, ask: Ask): Promise<Sent>
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its server
  rows(workload: Workload, answer: any, ask: Ask): Row[]
  /** Whether it keeps answers: it has been asked everything once before it is measured. */
  readonly keeps?: boolean
  /** Before a workload: has every person's token seen, as it is where a token is sent again and again for a quarter of an hour. */
  greet?(): Promise<void>
  /** Its exit code, once it has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>
  stop(): Promise<void>
}

const root = path.resolve(import.meta.dirname, '../..')
const json = { 'content-type': 'application/json' }

export const limit: Server = {
  name: 'limit',
  title: 'the limit: bare http and one statement',
  async start(world, port) {
    const process = await started('bench/servers/limit.ts', [], port, { BENCH_DATABASE: world.address('postgres') })
    return {
      ...process,
      name: 'limit',
      request: async ({ name }, ask) => ({ path: `/${name}`, headers: json, body: JSON.stringify(ask) }),
      rows: (_, answer) => answer.rows,
    }
  },
}

/** As shipped, with everything on: tokens, row-level security, limits, cost, log, kept answers. */
export const kitaab = kitaabWith('kitaab', 'Kitaab, as shipped', {})

/** The same, but every answer is worked out anew. */
export const kitaabUncached = kitaabWith('kitaab-uncached', 'Kitaab, no answers kept', { CACHE: 'off' })

function kitaabWith(name: string, title: string, settings: Record<string, string>): Server {
  return { name, title, start: (world, port) => startKitaab(world, port, settings, name) }
}

export async function startKitaab(
  world: World,
  port: number,
  settings: Record<string, string>,
  name = 'kitaab',
): Promise<RunningServer> {
  const home = path.join(path.dirname(world.server.dataDirectory), `service-${name}`)
  const process = await started('bin/kitaab.mjs', ['serve'], port, kitaabSettings(world, home, settings))
  await keepTotals(world)
  const token = await tokensOf(world, home)
  return {
    ...process,
    name,
    keeps: settings.CACHE !== 'off',
    greet: () => greet(process.url, world.size.users, token),
    request: async ({ kitaab: { query, variables } }, ask) => ({
      path: '/graphql',
      headers: { ...json, authorization: `Bearer ${await token(ask.viewer)}` },
      body: JSON.stringify({ query, variables: variables(ask) }),
    }),
    rows: ({ kitaab: { rows } }, { data, errors }, ask) => {
      if (errors && data == null) throw new Error(`${JSON.stringify(ask)}: ${JSON.stringify(errors)}`)
      return rows(data)
    },
  }
}

const greeted = new Set<string>()

async function greet(url: string, people: number, token: (person: number) => Promise<string>): Promise<void> {
  let next = 1
  const some = async () => {
    for (let person = next++; person <= people; person = next++) {
      const authorization = `Bearer ${await token(person)}`
      if (greeted.has(url + authorization)) continue
      const sent = { method: 'POST', headers: { ...json, authorization }, body: '{"query":"{ __typename }"}' }
      await (await fetch(`${url}/graphql`, sent)).text()
      greeted.add(url + authorization)
    }
  }
  await Promise.all(Array.from({ length: 16 }, some))
}

/** The environment of a production start over the world's database. */
export function kitaabSettings(world: World, home: string, settings: Record<string, string>): Record<string, string> {
  return {
    NODE_ENV: 'production',
    KITAAB_HOME: home,
    DATABASE_URL: world.address('kitaab_app'),
    DATABASE_AUTH_URL: world.address('kitaab_auth'),
    DATABASE_WORKER_URL: world.address('kitaab_worker'),
    DATABASE_READONLY_URL: world.address('kitaab_readonly'),
    DATABASE_ADMIN_URL: world.address('kitaab_admin'),
    METRICS_PORT: '0',
    // People of the bench ask more in a minute than people do.
    VIEWER_POINTS_PER_MINUTE: '999999999',
    ...settings,
  }
}

/** What the worker does every hour: the totals for analysts. The last person is one. */
async function keepTotals({ connections, size: { users } }: World): Promise<void> {
  const { signal } = new AbortController()
  await withKysely<unknown, DB>(connections.forRole('kitaab_worker'), (worker) => keepStatistics(worker, { signal }))
  await withClient(connections.forAdministrator(), (client) =>
    client.query("update users set role = 'analyst' where user_id = $1 and role <> 'analyst'", [users]),
  )
}

/** Access tokens as the service signs them, for sessions that are in the database. */
async function tokensOf(world: World, home: string) {
  const { sign } = makeAccessTokens(openKeyRing({ pem: null, previousPem: null, home }, { onTrouble: console.error }))
  const { default: pg } = await import('pg')
  const client = new pg.Client(world.connections.forAdministrator())
  await client.connect()
  await client.query(`insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from users
    where not exists (select from sessions where sessions.user_id = users.user_id)`)
  const { rows } = await client.query('select user_id, session_id from sessions')
  await client.end()
  const sessions = new Map(rows.map((row) => [String(row.user_id), row.session_id as string]))
  const signed = new Map<number, { token: string; at: number }>()
  return async (viewer: number) => {
    const known = signed.get(viewer)
    // Tokens live for 15 minutes.
    if (known && Date.now() - known.at < 8 * 60_000) return known.token
    const sessionId = sessions.get(String(viewer)) ?? ''
    const role = viewer === world.size.users ? 'analyst' : 'member'
    const { token } = await sign({ userId: String(viewer), sessionId, role, scopes: allScopes })
    signed.set(viewer, { token, at: Date.now() })
    return token
  }
}

/** Starts a program of Node's in the project, and waits until it answers on its port. */
export async function started(file: string, args: readonly string[], port: number, env: Record<string, string>) {
  const child = spawn(process.execPath, [path.join(root, file), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await untilItAnswers(child, url)
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { pid: child.pid ?? 0, url, ended, stop }
}

async function untilItAnswers(child: ChildProcess, url: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${url} ended with code ${child.exitCode} before it answered.`)
    const answered = await fetch(`${url}/healthz`).catch(() => null)
    if (answered) return void (await answered.text())
    await delay(50)
  }
  throw new Error(`${url} did not answer within 30 seconds.`)
}
