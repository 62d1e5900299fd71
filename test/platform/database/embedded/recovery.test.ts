import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { holderOf, takeHome } from '../../../../src/platform/database/embedded/home-lock.ts'
import { isAlive, startOf } from '../../../../src/platform/database/embedded/processes.ts'
import { type EmbeddedServer, startEmbedded } from '../../../../src/platform/database/embedded/server.ts'
import { connected } from '../../../support/database.ts'
import { holdHome, postmasterOf } from '../../../support/held-home.ts'
import { temporaryHomes } from '../../../support/homes.ts'

const homes = temporaryHomes()
const running: EmbeddedServer[] = []
const children: ChildProcess[] = []
let said: string[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  for (const child of children.splice(0)) child.kill('SIGKILL')
  homes.removeAll()
  said = []
})

async function start(home: string): Promise<EmbeddedServer> {
  const server = await startEmbedded({ home, log: (line) => said.push(line) })
  running.push(server)
  return server
}

async function startElsewhere(home: string) {
  const held = await holdHome(home)
  children.push(held.child)
  return held
}

/** Writes rows until the server is gone, and answers which of them it acknowledged. `atFirst` is called after the first ones. */
async function writeUntilCut(config: pg.ClientConfig, atFirst: () => void): Promise<number[]> {
  const client = await connected(config)
  await client.query('create table if not exists written (id int primary key)')
  const acknowledged: number[] = []
  try {
    for (let id = 0; ; id += 1) {
      await client.query('insert into written values ($1)', [id])
      acknowledged.push(id)
      if (id === 50) atFirst()
    }
  } catch {
    return acknowledged
  }
}

async function writtenIn(config: pg.ClientConfig): Promise<number[]> {
  const client = await connected(config)
  const { rows } = await client.query('select id from written order by id').finally(() => client.end())
  return rows.map(({ id }) => id)
}

/** All that was acknowledged is there; at most the one row more whose answer was cut off. */
function expectNothingLost(found: number[], acknowledged: number[]) {
  expect(found.slice(0, acknowledged.length)).toEqual(acknowledged)
  expect(found.length - acknowledged.length).toBeLessThanOrEqual(1)
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch {
      await delay(20)
    }
  }
}

async function ended(...pids: number[]): Promise<void> {
  while (pids.some(isAlive)) await delay(10)
}

test('a postmaster killed while serving is started again, pools reconnect, and nothing acknowledged is lost', async () => {
  const server = await start(homes.newHome())
  const pool = new pg.Pool(server.connection('postgres'))
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const before = postmasterOf(server.dataDirectory)
  const acknowledged = await writeUntilCut(server.connection('postgres'), () => process.kill(before, 'SIGKILL'))
  const { rows } = await eventually(() => pool.query('select id from written order by id'))
  await pool.end()
  expectNothingLost(
    rows.map(({ id }) => id),
    acknowledged,
  )
  expect(postmasterOf(server.dataDirectory)).not.toBe(before)
  expect(said).toEqual(['PostgreSQL ended unexpectedly: starting it again.'])
})

test('a PostgreSQL that cannot be started again is given up, with a reason', async () => {
  const home = homes.newHome()
  const lost = Promise.withResolvers<Error>()
  const server = await startEmbedded({ home, durable: false, log: () => {}, onLost: lost.resolve })
  running.push(server)
  // Nothing can be started on this any more.
  fs.writeFileSync(path.join(server.dataDirectory, 'postgresql.conf'), 'no such setting\n')
  process.kill(postmasterOf(server.dataDirectory), 'SIGKILL')
  expect((await lost.promise).message).toMatch(/PostgreSQL did not start:[\s\S]*syntax error/)
})

test('a server whose launcher was killed is taken over by the next start, and nothing acknowledged is lost', async () => {
  const home = homes.newHome()
  const { child, config, postmaster } = await startElsewhere(home)
  const writing = writeUntilCut(config, () => child.kill('SIGKILL'))
  await new Promise((resolve) => child.once('exit', resolve))
  expect(isAlive(postmaster)).toBe(true)
  const server = await start(home)
  expect(isAlive(postmaster)).toBe(false)
  expectNothingLost(await writtenIn(server.connection('postgres')), await writing)
  expect(said).toEqual(['The last run did not end cleanly: PostgreSQL recovers what was committed.'])
})

test('when both were killed the next start recovers, and nothing acknowledged is lost', async () => {
  const home = homes.newHome()
  const { child, config, postmaster } = await startElsewhere(home)
  const acknowledged = await writeUntilCut(config, () => {
    child.kill('SIGKILL')
    process.kill(postmaster, 'SIGKILL')
  })
  await ended(child.pid ?? 0)
  const server = await start(home)
  expectNothingLost(await writtenIn(server.connection('postgres')), acknowledged)
})

const onLinux = process.platform === 'linux' ? test : test.skip

onLinux(
  'a killed postmaster that stays a zombie, as under a careless process 1, does not block the next start',
  async () => {
    const home = homes.newHome()
    const { child, config, postmaster, data } = await startElsewhere(home)
    const acknowledged = await writeUntilCut(config, () => {
      child.kill('SIGKILL')
      process.kill(postmaster, 'SIGKILL')
    })
    await ended(postmaster, child.pid ?? 0)
    const zombie = await makeZombie()
    expect(() => process.kill(zombie, 0)).not.toThrow()
    for (const file of [path.join(data, 'postmaster.pid'), path.join(config.host ?? '', '.s.PGSQL.5432.lock')]) {
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^\d+/, String(zombie)))
    }
    const server = await start(home)
    expectNothingLost(await writtenIn(server.connection('postgres')), acknowledged)
  },
)

/** A process that ended and whose parent, a `sleep` that took a shell's place, never asks for it. */
async function makeZombie(): Promise<number> {
  const careless = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(careless)
  const { value } = await createInterface({ input: careless.stdout })[Symbol.asyncIterator]().next()
  while (fs.readFileSync(`/proc/${careless.pid}/comm`, 'utf8').trim() !== 'sleep') await delay(10)
  process.kill(Number(value), 'SIGKILL')
  await ended(Number(value))
  return Number(value)
}

test('of several processes that want one home exactly one gets it, also after a holder that died', async () => {
  const home = homes.newHome()
  fs.mkdirSync(home)
  const gone = spawn('true')
  await new Promise((resolve) => gone.once('exit', resolve))
  fs.writeFileSync(path.join(home, 'lock.json'), JSON.stringify({ pid: gone.pid, startedAt: '1', command: 'dead' }))
  expect(holderOf(home)).toBeNull()
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => takeInOwnProcess(home)))
  expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'held')).toHaveLength(5)
})

/** Takes the home in another process, which then stays alive. */
async function takeInOwnProcess(home: string): Promise<string> {
  const module = path.join(import.meta.dirname, '../../../../src/platform/database/embedded/home-lock.ts')
  const source = `import { takeHome } from ${JSON.stringify(module)}
    console.log('release' in takeHome(${JSON.stringify(home)}, 'a test') ? 'taken' : 'held'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error('the process ended without an answer')
}

onLinux('a lock whose number belongs to a younger process by now does not count', () => {
  const home = homes.newHome()
  fs.mkdirSync(home)
  const holder = { pid: process.ppid, startedAt: startOf(process.ppid), command: 'kitaab serve' }
  fs.writeFileSync(path.join(home, 'lock.json'), JSON.stringify(holder))
  expect(takeHome(home, 'a test')).toEqual(holder)
  fs.writeFileSync(path.join(home, 'lock.json'), JSON.stringify({ ...holder, startedAt: '1' }))
  expect(takeHome(home, 'a test')).toHaveProperty('release')
})
