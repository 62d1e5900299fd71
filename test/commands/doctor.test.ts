import fs from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { afterEach, expect, jest, test } from '@jest/globals'
import { adviceFor } from '../../src/commands/doctor/surveys.ts'
import { addressOf, kitaab } from '../support/command.ts'
import { newDatabase, type TestDatabase } from '../support/database.ts'
import { holdHome } from '../support/held-home.ts'
import { temporaryHomes } from '../support/homes.ts'
import { startObjectService } from '../support/object-service.ts'

jest.setTimeout(90_000)

const homes = temporaryHomes()
const databases: TestDatabase[] = []
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  for (const database of databases.splice(0)) await database.stop()
  homes.removeAll()
})

async function healthy() {
  const database = await newDatabase()
  databases.push(database)
  const env = {
    DATABASE_URL: addressOf(database.connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(database.connections, 'kitaab_auth'),
    DATABASE_WORKER_URL: addressOf(database.connections, 'kitaab_worker'),
    DATABASE_READONLY_URL: addressOf(database.connections, 'kitaab_readonly'),
    DATABASE_ADMIN_URL: addressOf(database.connections, 'kitaab_admin'),
    KITAAB_HOME: homes.newHome(),
  }
  return { database, env }
}

interface Finding {
  check: string
  ok: boolean
  message: string
  remedy: string | null
}

/** The findings by their check, and those that are wrong by name. */
async function doctor(env: Record<string, string>) {
  const { code, stdout, stderr } = await kitaab(['doctor', '--json'], env)
  const findings: Finding[] = JSON.parse(stdout)
  const of = Object.fromEntries(findings.map((finding) => [finding.check, finding]))
  return { code, of, stdout, stderr, wrong: findings.filter(({ ok }) => !ok).map(({ check }) => check) }
}

/** A server on this machine that says this to whoever connects, and answers each chunk by `reply`. */
async function listening(greeting: string, reply: (text: string) => string): Promise<number> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.write(greeting)
    socket.on('data', (chunk) => socket.write(reply(chunk.toString())))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return address.port
}

test('where all is well every check says what it saw, none says a secret, and the exit code is 0', async () => {
  const { env } = await healthy()
  const smtp = await listening('220 ready\r\n', () => '250 hello\r\n')
  const redis = await listening('', () => '+PONG\r\n')
  const secrets = { SMTP_URL: `smtp://me:s3same@127.0.0.1:${smtp}`, REDIS_URL: `redis://127.0.0.1:${redis}` }
  const { code, of, wrong, stdout, stderr } = await doctor({ ...env, ...secrets })
  expect(wrong).toEqual([])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).not.toContain('s3same')
  expect(Object.keys(of)).toEqual([
    'configuration',
    'node',
    'home',
    'disk',
    'keys',
    'outbox',
    'objects',
    'cold objects',
    'mail server',
    'redis',
    'metrics',
    'role kitaab_app',
    'role kitaab_auth',
    'role kitaab_worker',
    'role kitaab_readonly',
    'role kitaab_admin',
    'database',
    'clock',
    'time zones',
    'schema',
    'partitions',
    'surveys',
    'jobs',
  ])
  expect(of.configuration?.message).toContain(
    'DATABASE_ADMIN_URL, DATABASE_AUTH_URL, DATABASE_READONLY_URL, DATABASE_URL',
  )
  for (const table of ['audit_log', 'change_log', 'entries', 'entry_history'])
    expect(of.partitions?.message).toContain(`${table} until `)
})

test('a server for mails or for Redis that does not answer is named, with what to do', async () => {
  const { env } = await healthy()
  const nowhere = { SMTP_URL: 'smtp://me:s3same@127.0.0.1:1', REDIS_URL: 'redis://:s3same@127.0.0.1:1' }
  const { code, of, wrong, stdout } = await doctor({ ...env, ...nowhere })
  expect({ code, wrong }).toEqual({ code: 1, wrong: ['mail server', 'redis'] })
  expect(of['mail server']).toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
    remedy: expect.stringContaining('SMTP_URL'),
  })
  expect(of.redis).toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
    remedy: expect.stringContaining('REDIS_URL'),
  })
  expect(stdout).not.toContain('s3same')
})

test('a bucket is tried out, and one that does not answer is named without its secret', async () => {
  const { env } = await healthy()
  const objects = await startObjectService()
  const nowhere = {
    S3_BUCKET: 'books',
    S3_ENDPOINT: 'http://127.0.0.1:1',
    S3_ACCESS_KEY_ID: 'test:tester',
    S3_SECRET_ACCESS_KEY: 's3same',
  }
  const { of, wrong, stdout } = await doctor({ ...env, ...nowhere })
  expect(wrong).toEqual(['objects', 'cold objects'])
  expect(of.objects).toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
    remedy: expect.stringContaining('the variables of S3'),
  })
  expect(stdout).not.toContain('s3same')
  if (objects === null) return
  try {
    await objects.makeBucket('books')
    const there = { ...nowhere, S3_ENDPOINT: objects.service.endpoint.href, S3_SECRET_ACCESS_KEY: 'testing' }
    const looked = await doctor({ ...env, ...there })
    expect(looked.wrong).toEqual([])
    expect(looked.of['cold objects']?.message).toMatch(
      /the bucket books at .*: one was written, read, listed and deleted/,
    )
  } finally {
    await objects.stop()
  }
})

test('a role that can not log in is named, and a service may do without the one that migrates', async () => {
  const { env } = await healthy()
  const { DATABASE_URL: app } = env
  const stranger = app.replace('kitaab_app@', 'somebody@')
  const { code, of, wrong } = await doctor({ ...env, DATABASE_AUTH_URL: stranger, DATABASE_ADMIN_URL: '' })
  expect({ code, wrong }).toEqual({ code: 1, wrong: ['role kitaab_auth'] })
  expect(of['role kitaab_auth']?.message).toBe('role "somebody" does not exist')
  expect(of['role kitaab_admin']).toMatchObject({ ok: true, message: expect.stringContaining('DATABASE_ADMIN_URL') })
})

test('a login that may not become the role that does the jobs is told what to grant', async () => {
  const { env } = await healthy()
  const { code, of, wrong } = await doctor({ ...env, DATABASE_WORKER_URL: '' })
  expect({ code, wrong }).toEqual({ code: 1, wrong: ['role kitaab_worker'] })
  expect(of['role kitaab_worker']?.remedy).toBe(
    'grant kitaab_worker to the login of DATABASE_URL, or give it an address of its own',
  )
})

test('a database that does not answer ends the look at it, not the rest', async () => {
  const url = 'postgres://kitaab_app:s3same@127.0.0.1:1/kitaab'
  const { code, of, wrong, stdout } = await doctor({ DATABASE_URL: url, KITAAB_HOME: homes.newHome() })
  expect(code).toBe(1)
  expect(wrong).toEqual(['role kitaab_app', 'role kitaab_auth', 'role kitaab_worker', 'role kitaab_readonly'])
  expect(of['role kitaab_app']).toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
    remedy: expect.stringContaining('DATABASE_URL'),
  })
  expect(stdout).not.toContain('s3same')
})

test('a home whose database somebody runs is looked at through that, and roles that nobody made yet are told', async () => {
  const home = homes.newHome()
  const { child } = await holdHome(home)
  try {
    const { code, of, wrong } = await doctor({ KITAAB_HOME: home })
    expect(code).toBe(1)
    expect(of.lock).toMatchObject({ ok: true, message: expect.stringContaining(`process ${child.pid}, `) })
    expect(wrong).toEqual([
      'role kitaab_app',
      'role kitaab_auth',
      'role kitaab_worker',
      'role kitaab_readonly',
      'role kitaab_admin',
    ])
    expect(of['role kitaab_app']).toEqual({
      check: 'role kitaab_app',
      ok: false,
      message: 'role "kitaab_app" does not exist',
      remedy: 'run "npm run migrate up", which makes it',
    })
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
}, 60_000)

test('partitions that run out are named, those of the change log among them', async () => {
  const { env, database } = await healthy()
  const { rows } = await database.admin.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on oid = inhrelid
     where inhparent = 'change_log'::regclass order by relname desc limit 12`,
  )
  for (const { name } of rows) await database.admin.query(`drop table ${name}`)
  const { of, wrong } = await doctor(env)
  expect(wrong).toEqual(['partitions'])
  expect(of.partitions).toMatchObject({
    message: expect.stringMatching(/^change_log ends on \d{4}-\d\d-01$/),
    remedy: expect.stringContaining('migrate up'),
  })
})

test('a home or a key that is open to others is wrong, with the command that closes it', async () => {
  const { env } = await healthy()
  const { KITAAB_HOME: home } = env
  const key = path.join(home, 'keys', 'access-tokens.pem')
  fs.mkdirSync(path.dirname(key), { recursive: true })
  fs.writeFileSync(key, 'x', { mode: 0o644 })
  fs.chmodSync(key, 0o644)
  fs.chmodSync(home, 0o777)
  const { of, wrong } = await doctor(env)
  expect(wrong).toEqual(['home', 'keys'])
  expect(of.home?.remedy).toBe(`run "chmod o-w ${home}"`)
  expect(of.keys?.remedy).toContain(`chmod 600 ${key}`)
})

test('an outbox that cannot be written is told, with what to do', async () => {
  const { env } = await healthy()
  const outbox = path.join(env.KITAAB_HOME, 'outbox')
  fs.mkdirSync(env.KITAAB_HOME, { recursive: true })
  fs.rmSync(outbox, { recursive: true, force: true })
  fs.writeFileSync(outbox, 'in its way')
  const { of } = await doctor(env)
  expect(of.outbox).toMatchObject({ ok: false, message: `${outbox} is not a folder` })
  expect(of.outbox?.remedy).toContain('SMTP_URL')
  fs.rmSync(outbox)
})

test('mails in the outbox are counted', async () => {
  const { env } = await healthy()
  const outbox = path.join(env.KITAAB_HOME, 'outbox')
  fs.mkdirSync(outbox, { recursive: true })
  for (const name of ['1.eml', '2.eml']) fs.writeFileSync(path.join(outbox, name), 'x'.repeat(600))
  expect((await doctor(env)).of.outbox?.message).toBe(
    `2 mails, 1.2 kB, in ${outbox}: nobody sends these, remove what is not needed`,
  )
})

test('a bad value is a finding of its own, and exit 78; its secrets are not told', async () => {
  const { code, of, stderr } = await doctor({ PORT: 'many', REDIS_URL: 'http://:s3same@host' })
  expect(code).toBe(78)
  expect(Object.keys(of)).toEqual(['configuration'])
  expect(of.configuration).toMatchObject({ ok: false, message: expect.stringContaining('PORT must be') })
  expect(stderr).toContain('PORT must be')
  expect(stderr + of.configuration?.message).not.toContain('s3same')
})

test('doctor sees jobs that wait and jobs that died', async () => {
  const { database, env } = await healthy()
  await database.admin.query("select graphile_worker.add_job('settle_goals', run_at => now() - interval '1 hour')")
  const waiting = await doctor(env)
  expect(waiting.wrong).toEqual(['jobs'])
  expect(waiting.of.jobs?.message).toMatch(/^1 wait, the first since 20/)
  await database.admin.query('update graphile_worker._private_jobs set attempts = max_attempts')
  expect((await doctor(env)).of.jobs).toMatchObject({
    ok: false,
    message: 'some failed too often: settle_goals',
    remedy: 'see the log for why, then run "npm run kitaab -- worker --retry"',
  })
})

test('a home where nothing was started yet is well, and nothing is made there to see it', async () => {
  const home = homes.newHome()
  const { code, stdout } = await kitaab(['doctor'], { KITAAB_HOME: home })
  expect(stdout).toContain('ok     database: not made yet: "npm start" makes it')
  expect({ code, wrong: stdout.includes('WRONG') }).toEqual({ code: 0, wrong: false })
  expect(fs.existsSync(home) ? fs.readdirSync(home) : []).toEqual([])
})

test('without PostGIS nothing is wrong, and it is said what to do for surveys', async () => {
  const { of, code } = await doctor((await healthy()).env)
  expect({ code, ok: of.surveys?.ok }).toEqual({ code: 0, ok: true })
  expect(of.surveys?.message).toMatch(/^none: Surveys need PostGIS/)
  expect(adviceFor('missing', 'embedded')).toContain('KITAAB_POSTGRES_BIN')
  expect(adviceFor('offered', 'addressed', 'diaries')).toContain('psql --dbname=diaries')
})
