import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { embeddedConnections } from '../../src/platform/database/connections.ts'
import { holderOf } from '../../src/platform/database/embedded/home-lock.ts'
import { clearRemains } from '../../src/platform/database/embedded/postmaster.ts'
import { startEmbedded } from '../../src/platform/database/embedded/server.ts'
import { migrateUp } from '../../src/platform/database/migrator.ts'

/** Every test database is a copy of this one. */
export const templateName = 'kitaab_template'
/** Tells the test files, which run in processes of their own, where the server's socket is. */
export const socketVariable = 'KITAAB_TEST_SOCKET'

const homeName = 'kitaab-test-'

/** A throwaway server for a whole run, with the migrated template in it. */
export interface TestServer {
  /** The folder of its socket. */
  readonly socketFolder: string
  stop(): Promise<void>
}

/** The server of the tests, by the programs that the service itself would start; its socket stands in the environment. */
export async function startTestServer(): Promise<TestServer> {
  const server = await startServer(process.env.KITAAB_POSTGRES_BIN)
  process.env[socketVariable] = server.socketFolder
  return server
}

export async function startServer(binaries: string | undefined): Promise<TestServer> {
  await removeAbandonedHomes()
  const home = fs.mkdtempSync(path.join(os.tmpdir(), homeName))
  // mkdtemp makes it ours alone; as root PostgreSQL runs as another user, who must pass through.
  fs.chmodSync(home, 0o711)
  const server = await startEmbedded({
    home,
    binaries,
    command: 'npm test',
    durable: false,
    settings: { max_connections: '200', shared_buffers: '64MB' },
    log: () => {},
  })
  const stop = async () => {
    await server.stop()
    fs.rmSync(home, { recursive: true, force: true })
  }
  try {
    await makeTemplate(server.connection('postgres', 'postgres'), () =>
      migrateUp({ connections: embeddedConnections(server, templateName) }),
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { socketFolder: server.connection('postgres').host ?? '', stop }
}

async function makeTemplate(config: pg.ClientConfig, fill: () => Promise<unknown>): Promise<void> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    await client.query(`create database ${templateName}`)
    await fill()
    await client.query(`alter database ${templateName} is_template true`)
  } finally {
    await client.end()
  }
}

/** A run that was killed could not stop its server: the next one does. */
async function removeAbandonedHomes(): Promise<void> {
  const names = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(homeName))
  for (const home of names.map((name) => path.join(os.tmpdir(), name))) {
    const mine = fs.statSync(home, { throwIfNoEntry: false })?.uid === process.getuid?.()
    if (!mine || holderOf(home) !== null || !fs.existsSync(path.join(home, 'lock.json'))) continue
    for (const data of fs.readdirSync(home).filter((name) => /^postgres-\d+$/.test(name)))
      await clearRemains(path.join(home, data))
    fs.rmSync(home, { recursive: true, force: true })
  }
}
