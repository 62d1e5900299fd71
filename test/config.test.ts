import { generateKeyPairSync } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { type Config, ConfigError, readConfig } from '../src/config.ts'
import { addressedConnections } from '../src/platform/database/connections.ts'

const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const server = 'postgres://kitaab_app:sesame@db.example/kitaab'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

/** The addresses of a configuration that must have some. */
function addressesOf({ database }: Config) {
  if (database.kind !== 'addressed') throw new Error('expected an address')
  return database.addresses
}

test('.env.example lists the variables that are read, each once and with an explanation', () => {
  const read = new Set<string>()
  readConfig(
    new Proxy(
      {},
      {
        get(_, name) {
          read.add(String(name))
        },
      },
    ),
  )
  const lines = fs.readFileSync(path.join(import.meta.dirname, '../.env.example'), 'utf8').split('\n')
  const listed = lines.filter((line) => /^[A-Z0-9_]+=/.test(line)).map((line) => line.split('=', 1)[0])
  expect(listed.toSorted()).toEqual([...read].sort())
  for (const [index, line] of lines.entries()) {
    if (line.includes('=') && !line.startsWith('#')) expect(lines[index - 1]).toMatch(/^# \S/)
  }
})

test('without any variable the embedded database, the explorer and the demo world are served on this machine alone', () => {
  const config = readConfig({})
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 4000,
    publicUrl: null,
    database: { kind: 'embedded' },
    production: false,
    explorer: true,
    demo: true,
    trustedProxies: 0,
    corsOrigins: [],
    smtpUrl: null,
    jwtPrivateKey: null,
    redisUrl: null,
    cache: true,
    cacheMegabytes: 128,
    logLevel: 'info',
  })
  expect(config.home).toBe(path.join(import.meta.dirname, '../.kitaab'))
  expect(Object.isFrozen(config)).toBe(true)
})

test('an empty variable counts as absent, and blanks around a value do not matter', () => {
  expect(readConfig({ PORT: '', HOST: '  ' })).toEqual(readConfig({}))
  expect(readConfig({ PORT: ' 8080 ' }).port).toBe(8080)
})

test('explorer and demo world are off in production and with another server, unless asked for', () => {
  expect(readConfig({ NODE_ENV: 'production' })).toMatchObject({ explorer: false, demo: false, production: true })
  expect(readConfig({ NODE_ENV: 'production', EXPLORER: 'on' })).toMatchObject({ explorer: true, demo: false })
  expect(readConfig({ DATABASE_URL: server })).toMatchObject({ explorer: false, demo: false })
  expect(problemsOf({ DATABASE_URL: server, DEMO: 'on' })).toEqual([expect.stringMatching(/^DEMO must be off/)])
})

test('the service does the jobs with the embedded database, and with another when asked to', () => {
  expect(readConfig({}).worker).toBe(true)
  expect(readConfig({ WORKER: 'off' }).worker).toBe(false)
  expect(readConfig({ DATABASE_URL: server }).worker).toBe(false)
  expect(readConfig({ DATABASE_URL: server, WORKER: 'on' }).worker).toBe(true)
})

test('DATABASE_DIRECT_URL is for those who need a session', () => {
  const env = { DATABASE_URL: server, DATABASE_DIRECT_URL: 'postgres://somebody@direct.example/kitaab' }
  const { forRole } = addressedConnections(addressesOf(readConfig(env)))
  const hosts = (['kitaab_app', 'kitaab_auth', 'kitaab_worker', 'kitaab_admin'] as const).map(
    (role) => forRole(role).host,
  )
  expect(hosts).toEqual(['db.example', 'db.example', 'direct.example', 'direct.example'])
  expect(problemsOf({ DATABASE_DIRECT_URL: server })).toEqual([expect.stringMatching(/^DATABASE_URL is missing/)])
})

test.each([
  ['PORT', '65536', 'a whole number from 0 to 65535'],
  ['PORT', '80.5', 'a whole number'],
  ['PORT', '-1', 'a whole number'],
  ['HOST', 'localhost:4000', 'without a port'],
  ['HOST', 'http://localhost', 'without a port'],
  ['NODE_ENV', 'prodution', 'production, development or test'],
  ['EXPLORER', 'yes', 'on or off'],
  ['TRUST_PROXY', 'true', 'from 0 to 10'],
  ['LOG_LEVEL', 'loud', 'debug'],
  ['PUBLIC_URL', 'kitaab.example', 'https://kitaab.example'],
  ['PUBLIC_URL', 'https://kitaab.example/?a=1', 'plain address'],
  ['CORS_ORIGINS', '*', 'origins'],
  ['CORS_ORIGINS', 'https://a.example/', '"https://a.example/" is not one'],
  ['CORS_ORIGINS', 'https://a.example,,', 'separated by commas'],
  ['SMTP_URL', 'https://mail.example', 'smtps://'],
  ['MAIL_FROM', 'nobody', 'mail address'],
  ['MAIL_FROM', 'a@b.example\r\nBcc: c@d.example', 'mail address'],
  ['REDIS_URL', 'localhost:6379', 'redis://'],
  ['CACHE', 'yes', 'on or off'],
  ['CACHE_MEGABYTES', '0', 'from 1 to 65536'],
  ['DATABASE_URL', 'mysql://root@localhost/kitaab', 'postgres://'],
  ['DATABASE_URL', 'postgres://localhost/kitaab', 'name a user'],
  ['DATABASE_URL', 'postgres://kitaab_app@localhost', 'name a database'],
  ['DATABASE_URL', 'postgres://kitaab_app@localhost/kitaab?sslmode=prefer', '"sslmode"'],
  ['DATABASE_TLS', 'on', 'off or require'],
  ['DATABASE_CA', '/does/not/exist.pem', 'a file that can be read'],
  ['JWT_PRIVATE_KEY', '/does/not/exist.pem', 'no such file'],
])('%s=%j is refused in one line that says what is allowed', (name, value, allowed) => {
  const problems = problemsOf({ [name]: value })
  expect(problems).toHaveLength(1)
  expect(problems[0]?.startsWith(`${name} `)).toBe(true)
  expect(problems[0]).toContain(allowed)
  expect(problems[0]).not.toContain('\n')
})

test('every bad variable is named at once', () => {
  expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'y', DATABASE_URL: 'z' })).toHaveLength(3)
})

test('what may hold a secret is never repeated', () => {
  const secret = 'correct-horse'
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string
  const problems = problemsOf({
    DATABASE_URL: `mysql://user:${secret}@host/db`,
    DATABASE_AUTH_URL: `${secret}`,
    DATABASE_ADMIN_URL: `postgres://user:${secret}@host`,
    SMTP_URL: `smtp//user:${secret}@host`,
    REDIS_URL: `http://user:${secret}@host`,
    JWT_PRIVATE_KEY: rsa,
  })
  expect(problems).toHaveLength(6)
  expect(problems.join('\n')).not.toContain(secret)
  expect(problems.join('\n')).not.toContain(rsa.split('\n')[1])
})

test('a signing key comes as text, as text on one line, or as a file', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'kitaab-config-')), 'key.pem')
  fs.writeFileSync(file, ed25519)
  for (const given of [ed25519, ed25519.replaceAll('\n', '\\n'), file]) {
    expect(readConfig({ JWT_PRIVATE_KEY: given }).jwtPrivateKey?.trim()).toBe(ed25519.trim())
  }
  fs.rmSync(path.dirname(file), { recursive: true })
})

test('TLS is on and verified when a variable or an address asks for it, and never quietly off', () => {
  expect(addressesOf(readConfig({ DATABASE_URL: server })).tls).toBeNull()
  expect(addressesOf(readConfig({ DATABASE_URL: server, DATABASE_TLS: 'require' })).tls).toEqual({ ca: undefined })
  expect(addressesOf(readConfig({ DATABASE_URL: `${server}?sslmode=require` })).tls).toEqual({ ca: undefined })
  expect(problemsOf({ DATABASE_URL: `${server}?sslmode=require`, DATABASE_TLS: 'off' })).toHaveLength(1)
  expect(problemsOf({ DATABASE_URL: server, DATABASE_CA: import.meta.filename })).toHaveLength(1)
})

test('the other database addresses do not stand without the first', () => {
  expect(problemsOf({ DATABASE_ADMIN_URL: server })).toEqual([expect.stringMatching(/^DATABASE_URL is missing/)])
})
