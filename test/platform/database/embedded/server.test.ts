import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { findBinaries } from '../../../../src/platform/database/embedded/binaries.ts'
import {
  type EmbeddedOptions,
  type EmbeddedServer,
  startEmbedded,
} from '../../../../src/platform/database/embedded/server.ts'
import { connected } from '../../../support/database.ts'
import { temporaryHomes } from '../../../support/homes.ts'

const homes = temporaryHomes()
const running: EmbeddedServer[] = []
let said: string[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  homes.removeAll()
  said = []
})

async function start(home: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded({ home, durable: false, log: (line) => said.push(line), ...options })
  running.push(server)
  return server
}

async function ask(server: EmbeddedServer, statement: string) {
  const client = await connected(server.connection('postgres'))
  return (await client.query(statement).finally(() => client.end())).rows
}

const isRoot = process.getuid?.() === 0

test('the first start makes a UTF-8 database with checksums that listens on a private socket alone', async () => {
  const home = homes.newHome()
  const server = await start(home)
  expect(server.dataDirectory).toBe(path.join(home, `postgres-${server.major}`))
  expect(
    await ask(
      server,
      `select current_user::text as user, current_database()::text as database, current_setting('listen_addresses') as addresses,
              current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding,
              datcollate as collation, current_setting('TimeZone') as zone, upper('ä') as upper, inet_server_addr() as over_network
       from pg_database where datname = 'kitaab'`,
    ),
  ).toEqual([
    {
      user: 'postgres',
      database: 'kitaab',
      addresses: '',
      checksums: 'on',
      encoding: 'UTF8',
      collation: 'C.UTF-8',
      zone: 'UTC',
      upper: 'Ä',
      over_network: null,
    },
  ])
  expect(fs.statSync(server.connection('postgres').host ?? '').mode & 0o777).toBe(0o700)
  expect(said).toEqual([])
})

test('what was written is there after a stop and a start, and a stop leaves neither process nor lock', async () => {
  const home = homes.newHome()
  const first = await start(home)
  await ask(first, 'create table kept as select 1 as value')
  await first.stop()
  expect(fs.existsSync(path.join(first.dataDirectory, 'postmaster.pid'))).toBe(false)
  expect(fs.existsSync(path.join(home, 'lock.json'))).toBe(false)
  expect(await ask(await start(home), 'select value from kept')).toEqual([{ value: 1 }])
})

test('a first start that was killed leaves nothing half-made', async () => {
  const home = homes.newHome()
  const draft = path.join(home, `postgres-${findBinaries().major}.new`)
  fs.mkdirSync(draft, { recursive: true })
  fs.writeFileSync(path.join(draft, 'PG_VERSION'), 'rubbish')
  expect(await ask(await start(home), 'select 1 as value')).toEqual([{ value: 1 }])
  expect(fs.existsSync(draft)).toBe(false)
})

test('a home whose path is too long for a socket is served through a short-lived folder', async () => {
  const home = homes.newHome('a-rather-long-name-of-a-folder/'.repeat(4))
  const server = await start(home)
  const { host = '' } = server.connection('postgres')
  expect(host.startsWith(home)).toBe(false)
  expect(fs.statSync(host).mode & 0o777).toBe(0o700)
  await ask(server, 'select 1')
  await server.stop()
  expect(fs.existsSync(host)).toBe(false)
})

test('a second start on the same home names the command and the process that hold it', async () => {
  const home = homes.newHome()
  await start(home, { command: 'kitaab serve' })
  await expect(start(home)).rejects.toThrow(`"kitaab serve" (process ${process.pid}) is already running on ${home}`)
})

test('data of another major version is refused, saying what to do', async () => {
  const home = homes.newHome()
  const beside = path.join(home, 'postgres-14')
  fs.mkdirSync(beside, { recursive: true })
  fs.writeFileSync(path.join(beside, 'PG_VERSION'), '14\n')
  await expect(start(home)).rejects.toThrow(
    /postgres-14 holds data of PostgreSQL 14, .* KITAAB_POSTGRES_BIN .* pg_upgrade/,
  )

  const { major } = findBinaries()
  const inside = path.join(homes.newHome(), `postgres-${major}`)
  fs.mkdirSync(inside, { recursive: true })
  fs.writeFileSync(path.join(inside, 'PG_VERSION'), '99\n')
  await expect(start(path.dirname(inside))).rejects.toThrow('holds data of PostgreSQL 99')
  expect(fs.readdirSync(inside)).toEqual(['PG_VERSION'])
})

test('a folder without PostgreSQL is refused by the name of its variable', async () => {
  await expect(start(homes.newHome(), { binaries: '/usr/share' })).rejects.toThrow(
    'There is no program "postgres" in /usr/share: KITAAB_POSTGRES_BIN must name PostgreSQL\'s "bin" folder.',
  )
})

if (!isRoot) console.warn('What is particular to root is not tried: run the tests as root for it.')
const asRoot = isRoot ? test : test.skip

asRoot('root runs it as another user, and out of a home that this one may not enter', async () => {
  const home = homes.newHome()
  fs.chmodSync(path.dirname(home), 0o700)
  const elsewhere = path.dirname(homes.newHome())
  const server = await start(home, { elsewhere })
  expect(server.dataDirectory.startsWith(elsewhere)).toBe(true)
  expect(fs.statSync(server.dataDirectory).uid).not.toBe(0)
  expect(said).toEqual([expect.stringMatching(new RegExp(`^${home} was closed to .*: its data is in ${elsewhere}`))])
})

asRoot('data stays where it is when the permissions of its folders change', async () => {
  const closed = homes.newHome()
  fs.chmodSync(path.dirname(closed), 0o700)
  const elsewhere = path.dirname(homes.newHome())
  const first = await start(closed, { elsewhere })
  await first.stop()
  fs.chmodSync(path.dirname(closed), 0o711)
  const second = await start(closed, { elsewhere })
  expect(second.dataDirectory).toBe(first.dataDirectory)

  const open = homes.newHome()
  await (await start(open, { elsewhere })).stop()
  fs.chmodSync(open, 0o700)
  await expect(start(open, { elsewhere })).rejects.toThrow(`may not enter ${open} any more, where its data is`)
})

asRoot('root copies programs that the other user cannot reach', async () => {
  const { folder } = findBinaries()
  const hidden = path.join(path.dirname(homes.newHome()), 'hidden')
  execFileSync('cp', ['-a', path.dirname(folder), hidden])
  fs.chmodSync(hidden, 0o700)
  const elsewhere = path.dirname(homes.newHome())
  const server = await start(homes.newHome(), { elsewhere, binaries: path.join(hidden, 'bin') })
  expect(await ask(server, 'select 1 as value')).toEqual([{ value: 1 }])
  expect(said).toEqual([expect.stringContaining(`its programs are in ${elsewhere}`)])
})

const distribution = '/usr/lib/postgresql'
const installed = fs.existsSync(distribution) ? fs.readdirSync(distribution).filter((name) => Number(name) >= 15) : []
const mayBeMissing = process.env.CI !== 'true'
if (installed.length === 0 && mayBeMissing) {
  console.warn('Another installation is not tried: install one, for example with "apt-get install postgresql-15".')
}
const withInstallation = installed.length === 0 && mayBeMissing ? test.skip : test

withInstallation("the system's own PostgreSQL runs the same way, beside the data of the packaged one", async () => {
  const major = installed[0] ?? '(none installed: apt-get install postgresql-15)'
  const home = homes.newHome()
  const packaged = await start(home)
  await packaged.stop()
  const server = await start(home, { binaries: path.join(distribution, major, 'bin') })
  expect(server.dataDirectory).toBe(path.join(home, `postgres-${major}`))
  expect(await ask(server, "select current_setting('data_checksums') as checksums")).toEqual([{ checksums: 'on' }])
})
