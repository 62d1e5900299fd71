import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { type Connections, embeddedConnections } from '../../src/platform/database/connections.ts'
import { type EmbeddedServer, startEmbedded } from '../../src/platform/database/embedded/server.ts'
import { migrateUp } from '../../src/platform/database/migrator.ts'
import { ensurePartitions } from '../../src/platform/database/partitions.ts'

/** How large the world is. `until` is its last day, `YYYY-MM-DD`. */
export interface WorldSize {
  readonly users: number
  readonly days: number
  readonly until: string
}

export interface World {
  readonly size: WorldSize
  readonly connections: Connections
  readonly server: EmbeddedServer
  /** An address of the database for a role, as DATABASE_URL and its neighbours take it. */
  address(role: string): string
  stop(): Promise<void>
}

const settings = {
  shared_preload_libraries: 'pg_stat_statements',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  max_connections: '200',
  maintenance_work_mem: '512MB',
}

/** Starts the bench's own PostgreSQL in this folder, and makes the world in it unless one of this size is there. */
export async function openWorld(home: string, size: WorldSize, log: (line: string) => void): Promise<World> {
  const server = await startEmbedded({ home, command: 'npm run bench', settings, log })
  const connections = embeddedConnections(server)
  try {
    await prepare(connections, size, log)
  } catch (error) {
    await server.stop()
    throw error
  }
  const { host = '' } = server.connection('postgres')
  const address = (role: string) => `postgres://${role}@localhost/kitaab?host=${encodeURIComponent(host)}`
  return { size, connections, server, address, stop: () => server.stop() }
}

async function prepare(connections: Connections, size: WorldSize, log: (line: string) => void) {
  const client = new pg.Client(connections.forAdministrator())
  await client.connect()
  try {
    const wanted = `${size.users} people, ${size.days} days until ${size.until}`
    const there = await sizeOf(client)
    if (there !== null && there !== wanted)
      throw new Error(`The bench's database holds another world (${there}): remove its folder for ${wanted}.`)
    await migrateUp({ connections })
    await ensurePartitions(connections)
    if (there === wanted) return void (await withoutRecorded(client, size))
    const start = performance.now()
    await generate(client, size)
    await client.query(`create table bench_world as select $1::text as size`, [wanted])
    log(`Made ${wanted} in ${Math.round((performance.now() - start) / 1000)} s.`)
  } finally {
    await client.end()
  }
}

/** Takes out what earlier runs recorded: nobody in the world has written since its last day. */
async function withoutRecorded(client: pg.Client, { until }: WorldSize) {
  await client.query('set session_replication_role = replica')
  await client.query(`delete from entries where created_at >= $1::date + 1`, [until])
}

async function sizeOf(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query(`select to_regclass('bench_world') is not null as made`)
  if (!rows[0].made) return null
  return (await client.query('select size from bench_world')).rows[0].size
}

async function generate(client: pg.Client, { users, days, until }: WorldSize) {
  const script = readFileSync(path.join(import.meta.dirname, 'generate.sql'), 'utf8')
  await client.query(`set bench.users = ${users}; set bench.days = ${days}; set bench.until = '${until}'`)
  await client.query(script)
  await client.query('vacuum (analyze)')
  await client.query('create extension if not exists pg_stat_statements')
}
