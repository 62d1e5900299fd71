import type { Config } from '../../config.ts'
import type { Connections, Role } from '../../platform/database/connections.ts'
import { holderOf } from '../../platform/database/embedded/home-lock.ts'
import { hasCluster } from '../../platform/database/embedded/places.ts'
import { schemaState, withClient } from '../../platform/database/migrator.ts'
import { partitionsAhead } from '../../platform/database/partitions.ts'
import { withDatabase } from '../database.ts'
import { describeError } from '../run.ts'
import { examine, type Finding, Trouble } from './finding.ts'
import { lookAtJobs } from './jobs.ts'
import { lookAtSurveys } from './surveys.ts'

/** In milliseconds: entries carry the database's clock, tokens this machine's. */
const mostClockDifference = 5_000
/** Those of the demo world, far apart; a server without zone data knows none of them. */
const someZones = ['Africa/Cairo', 'Asia/Jakarta', 'America/New_York', 'Pacific/Auckland']

const makeRoles = 'run "npm run migrate up", which makes it'
const checkAddress = 'check DATABASE_URL and its companions, and that the server is up and lets this machine in'

/** The database: reached by each role, of a version that serves, and with the schema of this code. */
export async function lookAtDatabase(config: Config): Promise<Finding[]> {
  if (config.database.kind === 'embedded' && holderOf(config.home) === null && !hasCluster(config.home))
    return [{ check: 'database', ok: true, message: 'not made yet: "npm start" makes it', remedy: null }]
  try {
    return await withDatabase(config, 'kitaab doctor', (connections) => lookThrough(config, connections))
  } catch (error) {
    const remedy =
      config.database.kind === 'embedded' ? 'see the log of PostgreSQL beside its data, in the home' : checkAddress
    return [{ check: 'database', ok: false, message: describeError(error), remedy }]
  }
}

async function lookThrough(config: Config, connections: Connections): Promise<Finding[]> {
  const roles = [
    await examine('role kitaab_app', () => reach(connections, 'kitaab_app'), checkAddress),
    await examine('role kitaab_auth', () => reach(connections, 'kitaab_auth'), checkAddress),
    await examine('role kitaab_worker', () => reach(connections, 'kitaab_worker'), checkAddress),
    await examine('role kitaab_readonly', () => reach(connections, 'kitaab_readonly'), checkAddress),
    await examine('role kitaab_admin', () => lookAtAdmin(config, connections), 'check DATABASE_ADMIN_URL'),
  ]
  if (!roles[0]?.ok) return roles
  return [
    ...roles,
    await examine('database', () => lookAtServer(connections), 'run Kitaab on another server'),
    await examine('clock', () => lookAtClock(connections), 'set both clocks by NTP'),
    await examine('time zones', () => lookAtZones(connections), 'install the time zone data of the server (tzdata)'),
    await examine('schema', () => lookAtSchema(connections), 'run "npm run migrate up"'),
    await examine('partitions', () => lookAtPartitions(connections), 'run "npm run migrate up"'),
    await examine('surveys', () => lookAtSurveys(config, connections), 'run "npm run migrate up"'),
    ...(roles.find(({ check }) => check === 'role kitaab_worker')?.ok
      ? [await examine('jobs', () => lookAtJobs(config, connections), 'run "npm run migrate up"')]
      : []),
  ]
}

/** Connects as the role, or becomes it. */
function reach(connections: Connections, role: Role): Promise<string> {
  return connected(connections, role).catch((error: Error & { code?: string }) => {
    // What a login, or becoming a role, says while nobody has made the roles.
    const isUnmade = error.code === '28000' || error.code === '22023'
    if (isUnmade && error.message.includes(`"${role}" does not exist`)) throw new Trouble(error.message, makeRoles)
    throw error.code === '42501'
      ? new Trouble(error.message, `grant ${role} to the login of DATABASE_URL, or give it an address of its own`)
      : error
  })
}

function connected(connections: Connections, role: Role): Promise<string> {
  return withClient(connections.forRole(role), async (client) => {
    const { rows } = await client.query('select current_user::text as role, session_user::text as login')
    const { role: current, login } = rows[0]
    if (current !== role)
      throw new Trouble(
        `the login ${login} works as ${current}, not as ${role}`,
        `grant ${role} to it, or give ${role} an address of its own`,
      )
    return login === role ? 'logs in' : `logs in as ${login}`
  })
}

/** A service does without: who may migrate need not be known to it. */
async function lookAtAdmin({ database }: Config, connections: Connections): Promise<string> {
  try {
    return `${await reach(connections, 'kitaab_admin')}, and may migrate`
  } catch (error) {
    if (database.kind === 'addressed' && database.addresses.admin === undefined)
      return 'not known here: "npm run migrate" needs DATABASE_ADMIN_URL, the service does not'
    throw error
  }
}

async function lookAtServer(connections: Connections): Promise<string> {
  const { rows } = await withClient(connections.forRole('kitaab_app'), (client) =>
    client.query(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
              pg_encoding_to_char(encoding) as encoding, pg_size_pretty(pg_database_size(oid)) as size
       from pg_database where datname = current_database()`,
    ),
  )
  return judgeServer(rows[0])
}

export function judgeServer(server: { version: string; number: number; encoding: string; size: string }): string {
  const { version, number, encoding, size } = server
  if (number < 150_000) throw new Trouble(`PostgreSQL ${version}: 15 or later is needed`, 'upgrade the server')
  if (encoding !== 'UTF8') throw new Trouble(`its encoding is ${encoding}`, `make the database with "encoding 'UTF8'"`)
  return `PostgreSQL ${version}, ${size}`
}

async function lookAtClock(connections: Connections): Promise<string> {
  return withClient(connections.forRole('kitaab_app'), async (client) => {
    const before = Date.now()
    const { rows } = await client.query('select extract(epoch from clock_timestamp()) * 1000 as now')
    const after = Date.now()
    return judgeClock(Number(rows[0].now) - (before + after) / 2, after - before)
  })
}

/** The database's clock less ours, and how long the question took, both in milliseconds. */
export function judgeClock(difference: number, trip: number): string {
  const [apart, direction] = [Math.round(Math.abs(difference)), difference > 0 ? 'ahead of' : 'behind']
  if (apart <= mostClockDifference + trip) return `the database's is ${apart} ms ${direction} this machine's`
  throw new Trouble(
    `the database's is ${Math.round(apart / 1000)} s ${direction} this machine's`,
    'set both clocks by NTP: sessions and links in mails end by them',
  )
}

async function lookAtZones(connections: Connections): Promise<string> {
  const { rows } = await withClient(connections.forRole('kitaab_app'), (client) =>
    client.query<{ name: string }>('select name from pg_timezone_names'),
  )
  return judgeZones(rows.map(({ name }) => name))
}

export function judgeZones(names: readonly string[]): string {
  const missing = someZones.filter((zone) => !names.includes(zone))
  if (missing.length === 0) return `${names.length} zones`
  throw new Trouble(`the server does not know ${missing.join(', ')}`, 'install its time zone data (tzdata)')
}

async function lookAtSchema(connections: Connections): Promise<string> {
  const { state, pending, unknown } = await schemaState({ connections })
  if (state === 'older') throw new Trouble(`pending: ${pending.join(', ')}`, 'run "npm run migrate up"')
  if (state === 'newer')
    throw new Trouble(
      `unknown to this version of Kitaab: ${unknown.join(', ')}`,
      'run the version that migrated it, or take them back with that one\'s "npm run migrate down"',
    )
  return 'current'
}

async function lookAtPartitions(connections: Connections): Promise<string> {
  const tables = await partitionsAhead(connections)
  const short = tables.filter(({ isShort }) => isShort).map(({ table, until }) => `${table} ends on ${until}`)
  if (short.length > 0) throw new Trouble(short.join(', '), 'run "npm run migrate up", which makes the next ones')
  if (tables.length === 0) throw new Trouble('there are none', 'run "npm run migrate up"')
  return tables.map(({ table, until }) => `${table} until ${until}`).join(', ')
}
