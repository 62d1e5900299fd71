import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { defaultLimits } from '../../../src/platform/graphql/limits.ts'
import { addressKey, type Budgets, makeBudgets } from '../../../src/platform/http/budgets.ts'
import { makeLog } from '../../../src/platform/log.ts'

const log = makeLog({ level: 'silent' })
const limits = { ...defaultLimits, anonymousCostPerMinute: 3 }
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function budgets(redisUrl: URL): Budgets {
  const made = makeBudgets(limits, { redisUrl, log })
  cleanups.push(() => made.stop())
  return made
}

const someone = { viewer: null, ip: '10.0.0.1' }

/** What is left after each of four takings of one point; "no" once the budget is exceeded. */
async function takeFour(from: Budgets) {
  const left: (number | 'no')[] = []
  for (let index = 0; index < 4; index += 1) {
    const { remaining, exceeded } = await from.take(someone, 1)
    left.push(exceeded ? 'no' : remaining)
  }
  return left
}

/** Something that listens where Redis should, and answers in its own way. */
async function impostor(answer: (socket: net.Socket) => void): Promise<URL> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new URL(`redis://127.0.0.1:${(server.address() as net.AddressInfo).port}`)
}

test.each([
  ['never answers', () => {}],
  ['answers rubbish', (socket: net.Socket) => void socket.write('rubbish\r\n')],
  ['answers everything with OK', (socket: net.Socket) => void socket.write('+OK\r\n')],
  ['answers everything with an error', (socket: net.Socket) => void socket.write('-ERR no\r\n')],
  ['hangs up', (socket: net.Socket) => void socket.destroy()],
])('a Redis that %s makes nobody wait for long, and refuses nobody before the budget is spent', async (_, answer) => {
  const from = budgets(await impostor(answer))
  expect((await takeFour(from)).slice(0, 3)).not.toContain('no')
})

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis && !process.env.CI)
  console.warn('Shared budgets are not tried: install Redis (apt-get install redis-server).')
const withRedis = hasRedis || process.env.CI ? test : test.skip

async function startRedis() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kitaab-redis-'))
  const probe = net.createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as net.AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const run = () => {
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder])
    const ready = new Promise<void>((resolve, reject) => {
      child.on('error', reject)
      child.stdout.on('data', (text) => String(text).includes('Ready to accept connections') && resolve())
    })
    const stop = () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve(null)
        child.once('exit', resolve)
        child.kill('SIGKILL')
      })
    cleanups.push(stop)
    return { ready, stop }
  }
  cleanups.push(() => fs.rmSync(folder, { recursive: true, force: true }))
  const first = run()
  await first.ready
  return { url: new URL(`redis://127.0.0.1:${port}`), stop: first.stop, restart: () => run().ready }
}

/** Takes nothing until the budgets are counted in Redis: another process sees what one has taken. */
async function connectedPair(url: URL) {
  const pair = [budgets(url), budgets(url)] as const
  for (let attempt = 0; ; attempt += 1) {
    const who = { viewer: null, ip: `10.1.${attempt >> 8}.${attempt & 255}` }
    await pair[0].take(who, 1)
    if ((await pair[1].take(who, 1)).remaining === 1) return pair
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

withRedis('with Redis all processes count together', async () => {
  const redis = await startRedis()
  const [one, other] = await connectedPair(redis.url)
  expect((await one.take(someone, 1)).remaining).toBe(2)
  expect((await other.take(someone, 1)).remaining).toBe(1)
  expect((await one.take(someone, 1)).exceeded).toBe(false)
  const refused = await other.take(someone, 1)
  expect(refused).toMatchObject({ exceeded: true, remaining: 0, quota: 3 })
  expect(refused.resetSeconds).toBeGreaterThan(0)
})

withRedis('when Redis dies each process counts alone at once, and together again when it is back', async () => {
  const redis = await startRedis()
  const [one, other] = await connectedPair(redis.url)
  await one.take(someone, 3)
  await redis.stop()
  expect(await takeFour(other)).toEqual([2, 1, 0, 'no'])
  await redis.restart()
  const fresh = { viewer: null, ip: '10.2.0.1' }
  let seen = 0
  for (let attempt = 0; seen !== 1; attempt += 1) {
    fresh.ip = `10.2.${attempt >> 8}.${attempt & 255}`
    await one.take(fresh, 1)
    seen = (await other.take(fresh, 1)).remaining
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:0DB8:0:0:1:2:3:4', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['2001:db8:a:b::', '2001:db8:a:b'],
])('the budget of %s is that of %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key)
})
