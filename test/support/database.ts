import pg from 'pg'
import { type Connections, embeddedConnections } from '../../src/platform/database/connections.ts'
import { socketConnection } from '../../src/platform/database/embedded/server.ts'
import { socketVariable, templateName } from './test-server.ts'

export interface TestDatabase {
  readonly name: string
  readonly connections: Connections
  /** Connected as kitaab_admin, who owns the tables and sees all rows. */
  readonly admin: pg.Client
  /** Connected as the superuser. */
  readonly superuser: pg.Client
  /** Closes both connections, so that `newDatabase({ template: name })` can copy it as it is. */
  close(): Promise<void>
  /** Drops the database. */
  stop(): Promise<void>
}

/**
 * A database of the test's own: a copy of the migrated template, or with `template: 'template0'` an empty one; on the test server, or
 * on another whose socket is in `socketFolder`.
 */
export async function newDatabase({
  template = templateName,
  socketFolder = testSocket(),
} = {}): Promise<TestDatabase> {
  const testConnection = (role: string, database = 'postgres') => socketConnection(socketFolder, role, database)
  const onServer = async (statement: string) => {
    const client = await connected(testConnection('postgres'))
    await client.query(statement).finally(() => client.end())
  }
  const name = `test_${process.env.JEST_WORKER_ID ?? 0}_${crypto.randomUUID().slice(0, 8)}`
  const connections = embeddedConnections({ connection: testConnection }, name)
  await onServer(`create database ${name} template ${template} strategy file_copy owner kitaab_admin`)
  const admin = await connected(connections.forRole('kitaab_admin'))
  const superuser = await connected(connections.forAdministrator())
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await admin.end()
    await superuser.end()
  }
  const stop = async () => {
    await close()
    await onServer(`drop database ${name} with (force)`)
  }
  return { name, connections, admin, superuser, close, stop }
}

/** A connected client. An error between two statements (its backend was ended, say) is left to the next statement. */
export async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  await client.connect()
  return client
}

function testSocket(): string {
  const socketFolder = process.env[socketVariable]
  if (socketFolder === undefined) throw new Error('The test server is not running: start the tests with "npm test".')
  return socketFolder
}
