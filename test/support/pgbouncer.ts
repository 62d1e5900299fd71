import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { addressedConnections, type Connections } from '../../src/platform/database/connections.ts'
import type { TestDatabase } from './database.ts'
import { freePort } from './redis.ts'

export interface Pooler {
  /** Through the pooler, for those who need no session. */
  readonly connections: Connections
  stop(): Promise<void>
}

/**
 * A PgBouncer in front of a test database, in transaction mode, with so few connections that all callers share them; null where none is
 * installed, unless everything must be tried (CI).
 */
export async function startPgbouncer(database: TestDatabase): Promise<Pooler | null> {
  if (spawnSync('pgbouncer', ['--version']).status !== 0) {
    if (process.env.CI) throw new Error('There is no pgbouncer to try this with.')
    console.warn('This is tried without PgBouncer: install it (apt-get install pgbouncer).')
    return null
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kitaab-pgbouncer-'))
  const port = await freePort()
  const { host = '' } = database.connections.forRole('kitaab_app')
  const roles = ['kitaab_app', 'kitaab_auth', 'kitaab_readonly'] as const
  fs.writeFileSync(path.join(folder, 'users.txt'), roles.map((role) => `"${role}" ""\n`).join(''))
  fs.writeFileSync(path.join(folder, 'pgbouncer.ini'), settings({ folder, port, host, database: database.name }))
  // It does not run as root; whoever runs the database may open its socket.
  const { uid, gid } = fs.statSync(host)
  for (const name of ['', 'users.txt', 'pgbouncer.ini']) fs.chownSync(path.join(folder, name), uid, gid)
  const child = spawn('pgbouncer', ['-q', path.join(folder, 'pgbouncer.ini')], { uid, gid, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const address = (role: string) => new URL(`postgres://${role}@127.0.0.1:${port}/${database.name}`)
  const [app, auth, readonly] = roles.map(address)
  if (!app) throw new Error('There is no role.')
  return {
    connections: addressedConnections({ app, auth, readonly, namesStatements: false, tls: null }),
    async stop() {
      child.kill('SIGKILL')
      await ended
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Places {
  readonly folder: string
  readonly port: number
  readonly host: string
  readonly database: string
}

/** As README.md tells operators, but for names: Debian's PgBouncer is older than those that know what was prepared. */
function settings({ folder, port, host, database }: Places): string {
  return `[databases]
${database} = host=${host} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${folder}/users.txt
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = options, statement_timeout, idle_in_transaction_session_timeout
`
}
