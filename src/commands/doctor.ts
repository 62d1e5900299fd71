import fs from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { type Config, loadConfig } from '../config.ts'
import type { Connections } from '../platform/database/connections.ts'
import { schemaState, withClient } from '../platform/database/migrator.ts'
import { partitionsAhead } from '../platform/database/partitions.ts'
import { withDatabase } from './database.ts'
import { describeError, Failed } from './run.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly message: string
}

/** `kitaab doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look at everything that the service needs; exit 1 when something is wrong.')
    .option('--json', 'print the findings as JSON')
    .action(doctor)
}

async function doctor({ json }: { json?: boolean }): Promise<void> {
  const config = loadConfig()
  const findings: Finding[] = [
    { check: 'configuration', ok: true, message: `all variables make sense; the home is ${config.home}` },
    await examine('keys', () => lookAtKeys(config)),
    await examine('mail', () => lookAtMail(config)),
    ...(await lookAtDatabase(config)),
  ]
  if (json) console.log(JSON.stringify(findings, null, 2))
  else for (const { check, ok, message } of findings) console.log(`${ok ? 'ok   ' : 'WRONG'}  ${check}: ${message}`)
  if (findings.some(({ ok }) => !ok)) throw new Failed()
}

/** What is found right, or what the look threw. */
async function examine(check: string, look: () => Promise<string> | string): Promise<Finding> {
  try {
    return { check, ok: true, message: await look() }
  } catch (error) {
    return { check, ok: false, message: describeError(error) }
  }
}

function lookAtKeys({ home, jwtPrivateKey }: Config): string {
  if (jwtPrivateKey !== null) return 'JWT_PRIVATE_KEY is an Ed25519 key'
  const folder = path.join(home, 'keys')
  if (!fs.existsSync(folder)) return `none yet: the first "serve" makes one in ${folder}`
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name)
    fs.accessSync(file, fs.constants.R_OK)
    if ((fs.statSync(file).mode & 0o077) !== 0) throw new Error(`others can read ${file}: run "chmod 600 ${file}"`)
  }
  return `in ${folder}`
}

function lookAtMail({ home, smtpUrl }: Config): string {
  if (smtpUrl !== null) return `sent through ${smtpUrl.host}`
  const folder = path.join(home, 'outbox')
  if (!fs.existsSync(folder)) return `no SMTP_URL: mails will be written into ${folder}`
  fs.accessSync(folder, fs.constants.W_OK)
  return `no SMTP_URL: ${fs.readdirSync(folder).length} mails are in ${folder}`
}

async function lookAtDatabase(config: Config): Promise<Finding[]> {
  try {
    return await withDatabase(config, 'kitaab doctor', async (connections) => {
      const reached = await examine('database', () => lookAtServer(connections))
      if (!reached.ok) return [reached]
      return [
        reached,
        await examine('schema', () => lookAtSchema(connections)),
        await examine('partitions', () => lookAtPartitions(connections)),
      ]
    })
  } catch (error) {
    return [{ check: 'database', ok: false, message: describeError(error) }]
  }
}

/** Connects as both roles that the service uses. */
async function lookAtServer(connections: Connections): Promise<string> {
  await withClient(connections.forRole('kitaab_auth'), (client) => client.query('select'))
  const { rows } = await withClient(connections.forRole('kitaab_app'), (client) =>
    client.query(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
              pg_encoding_to_char(encoding) as encoding, pg_size_pretty(pg_database_size(oid)) as size
       from pg_database where datname = current_database()`,
    ),
  )
  const { version, number, encoding, size } = rows[0]
  if (number < 150_000) throw new Error(`PostgreSQL ${version}: 15 or later is needed`)
  if (encoding !== 'UTF8') throw new Error(`its encoding is ${encoding}: make it with "encoding 'UTF8'"`)
  return `PostgreSQL ${version}, ${size}`
}

async function lookAtSchema(connections: Connections): Promise<string> {
  const { state, pending, unknown } = await schemaState({ connections })
  if (state === 'older') throw new Error(`pending: ${pending.join(', ')}: run "npm run migrate up"`)
  if (state === 'newer') throw new Error(`unknown to this version of Kitaab: ${unknown.join(', ')}`)
  return 'current'
}

async function lookAtPartitions(connections: Connections): Promise<string> {
  const tables = await partitionsAhead(connections)
  const short = tables.filter(({ isShort }) => isShort).map(({ table, until }) => `${table} ends on ${until}`)
  if (short.length > 0) throw new Error(`${short.join(', ')}: run "npm run migrate up", which makes the next ones`)
  return tables.map(({ table, until }) => `${table} until ${until}`).join(', ')
}
