import fs from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { type ObjectPlaces, type Read, readObjects } from './config-objects.ts'
import * as values from './config-values.ts'
import type { DatabaseAddresses } from './platform/database/connections.ts'
import { defaultLimits } from './platform/graphql/limits.ts'

/** Everything that may differ from one installation to the next. `.env.example` explains each variable. */
export interface Config {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  /** Where this service is reached from outside, for links in mails; `null` = where it listens. */
  readonly publicUrl: URL | null
  /** The folder of what Kitaab keeps on this machine: the embedded database, keys, mails that were not sent. */
  readonly home: string
  /** The places of what is too large for the database: exports, uploads, point clouds. Processes of one service share them. */
  readonly objects: ObjectPlaces
  readonly database: EmbeddedDatabase | AddressedDatabase
  readonly production: boolean
  readonly explorer: boolean
  /** Does `serve` do the jobs, too? Else `kitaab worker` must run somewhere. */
  readonly worker: boolean
  /** How long backups are kept, in days: what people are told when they close their account. 0: there are none. */
  readonly backupDays: number
  /** May the demo world be made, on an embedded database that is empty? */
  readonly demo: boolean
  readonly corsOrigins: readonly string[]
  /** Where metrics are told, to whoever asks there; `null` = nowhere, 0 = any free port. */
  readonly metricsPort: number | null
  readonly metricsHost: string
  /** How many proxies in front of the service write `X-Forwarded-For`. */
  readonly trustedProxies: number
  /** `null` = mails are written into the home's `outbox`. */
  readonly smtpUrl: URL | null
  readonly mailFrom: string
  /** PEM of an Ed25519 key; `null` = one is made in the home's `keys`. */
  readonly jwtPrivateKey: string | null
  /** PEM of the key that `jwtPrivateKey` took the place of: what it signed still holds. */
  readonly jwtPreviousKey: string | null
  /** PEM of the P-256 key by which push services know this one; `null` = one is made in the home's `keys`. */
  readonly vapidPrivateKey: string | null
  /** May push messages go to private addresses, and without TLS? */
  readonly pushToPrivateAddresses: boolean
  /** Shares rate budgets and kept answers between several processes; `null` = each process has its own. */
  readonly redisUrl: URL | null
  /** Are answers kept while nothing that they show has changed? */
  readonly cache: boolean
  /** How much of them this process keeps where there is no Redis. */
  readonly cacheMegabytes: number
  /** Cost points that a viewer may spend in a minute. */
  readonly viewerPointsPerMinute: number
  /** What runs queries: functions compiled from them, or graphql-js, which is slower. */
  readonly engine: 'compiled' | 'graphql-js'
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
}

export interface EmbeddedDatabase {
  readonly kind: 'embedded'
  /** Another installation's `bin` folder; `undefined` = the npm package's. */
  readonly binaries: string | undefined
}

export interface AddressedDatabase {
  readonly kind: 'addressed'
  readonly addresses: DatabaseAddresses
}

/** One line for each variable with a bad value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

const projectRoot = path.resolve(import.meta.dirname, '..')

type Environment = Readonly<Record<string, string | undefined>>

/** The configuration of this process: its environment, and below that the project's `.env` file if there is one. */
export function loadConfig(): Config {
  return readConfig(environment())
}

/** The names of the variables that say something, in alphabetic order. */
export function variablesSet(): string[] {
  const asked = new Set<string>()
  const env = environment()
  const noting: Environment = new Proxy(env, {
    get(target, name: string) {
      if (target[name]?.trim()) asked.add(name)
      return target[name]
    },
  })
  readConfig(noting)
  return [...asked].sort()
}

function environment(): Environment {
  const file = path.join(projectRoot, '.env')
  const written = fs.existsSync(file) ? parseEnv(fs.readFileSync(file, 'utf8')) : {}
  return { ...written, ...process.env }
}

/** The configuration that these variables describe, frozen. An empty one counts as absent. Throws `ConfigError`. */
export function readConfig(env: Environment): Config {
  const problems: string[] = []
  const read = reader(env, problems)
  const production = read('NODE_ENV', values.oneOf('production', 'development', 'test'), 'development') === 'production'
  const database = readDatabase(read, problems)
  const embedded = database.kind === 'embedded'
  const home = read('KITAAB_HOME', values.folder, path.join(projectRoot, '.kitaab'))
  const config: Config = {
    host: read('HOST', values.hostName, '127.0.0.1'),
    port: read('PORT', values.wholeNumber(0, 65_535), 4000),
    ...readMetrics(read),
    publicUrl: read('PUBLIC_URL', values.webAddress, null),
    home,
    objects: readObjects(read, home, problems),
    database,
    production,
    explorer: read('EXPLORER', values.onOff, embedded && !production),
    backupDays: read('BACKUP_RETENTION_DAYS', values.wholeNumber(0, 3_660), 30),
    worker: read('WORKER', values.onOff, embedded),
    demo: read('DEMO', values.onOff, embedded && !production),
    corsOrigins: Object.freeze(read('CORS_ORIGINS', values.origins, [])),
    trustedProxies: read('TRUST_PROXY', values.wholeNumber(0, 10), 0),
    smtpUrl: read('SMTP_URL', values.address(['smtp', 'smtps'], 'smtps://user:password@host:465'), null),
    mailFrom: read('MAIL_FROM', values.mailAddress, 'Kitaab <kitaab@localhost>'),
    jwtPrivateKey: read('JWT_PRIVATE_KEY', values.ed25519Key, null),
    jwtPreviousKey: read('JWT_PREVIOUS_KEY', values.ed25519Key, null),
    vapidPrivateKey: read('VAPID_PRIVATE_KEY', values.p256Key, null),
    pushToPrivateAddresses: read('PUSH_TO_PRIVATE_ADDRESSES', values.onOff, false),
    redisUrl: read('REDIS_URL', values.address(['redis', 'rediss'], 'redis://host:6379'), null),
    cache: read('CACHE', values.onOff, true),
    cacheMegabytes: read('CACHE_MEGABYTES', values.wholeNumber(1, 65_536), 128),
    viewerPointsPerMinute: read(
      'VIEWER_POINTS_PER_MINUTE',
      values.wholeNumber(100, 999_999_999),
      defaultLimits.viewerCostPerMinute,
    ),
    engine: read('ENGINE', values.oneOf('compiled', 'graphql-js'), 'compiled'),
    logLevel: read('LOG_LEVEL', values.oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), 'info'),
  }
  problems.push(...contradictions(config))
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(config)
}

/** What does not go together. */
function contradictions(config: Config): string[] {
  const problems: string[] = []
  if (config.jwtPreviousKey !== null && config.jwtPrivateKey === null)
    problems.push('JWT_PREVIOUS_KEY goes with JWT_PRIVATE_KEY: keys in the home are rotated by "kitaab rotate-keys".')
  if (config.demo && config.database.kind !== 'embedded')
    problems.push('DEMO must be off with DATABASE_URL: the demo world lives on the embedded database only.')
  return problems
}

function reader(env: Environment, problems: string[]): Read {
  return (name, parse, fallback) => {
    const text = env[name]?.trim() ?? ''
    if (text === '') return fallback
    try {
      return parse(text)
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}.`)
      return fallback
    }
  }
}

function readMetrics(read: Read): Pick<Config, 'metricsPort' | 'metricsHost'> {
  return {
    metricsPort: read('METRICS_PORT', values.wholeNumber(0, 65_535), null),
    metricsHost: read('METRICS_HOST', values.hostName, '127.0.0.1'),
  }
}

function readDatabase(read: Read, problems: string[]): Config['database'] {
  const before = problems.length
  const binaries = read('KITAAB_POSTGRES_BIN', values.folder, undefined)
  const app = read('DATABASE_URL', values.databaseAddress, undefined)
  const auth = read('DATABASE_AUTH_URL', values.databaseAddress, undefined)
  const worker = read('DATABASE_WORKER_URL', values.databaseAddress, undefined)
  const readonly = read('DATABASE_READONLY_URL', values.databaseAddress, undefined)
  const direct = read('DATABASE_DIRECT_URL', values.databaseAddress, undefined)
  const admin = read('DATABASE_ADMIN_URL', values.databaseAddress, undefined)
  const statements = read('DATABASE_STATEMENTS', values.oneOf('named', 'unnamed'), 'named')
  const mode = read('DATABASE_TLS', values.oneOf('off', 'require'), undefined)
  const ca = read('DATABASE_CA', values.fileContent, undefined)
  const asked = [app, auth, worker, readonly, direct, admin].some((url) => url !== undefined && values.asksForTls(url))
  const complain = (problem: string) => {
    if (problems.length === before) problems.push(problem)
  }
  if (app === undefined && (auth ?? worker ?? readonly ?? direct ?? admin) !== undefined)
    complain('DATABASE_URL is missing: the other addresses go with it.')
  if (asked && mode === 'off') complain('DATABASE_TLS must not be off while an address says sslmode=require.')
  if (app === undefined) return Object.freeze({ kind: 'embedded', binaries })
  const tls = asked || mode === 'require' ? Object.freeze({ ca }) : null
  if (tls === null && ca !== undefined) complain('DATABASE_CA is for DATABASE_TLS=require only.')
  return Object.freeze({
    kind: 'addressed',
    addresses: Object.freeze({
      app,
      auth,
      worker,
      readonly,
      direct,
      admin,
      tls,
      namesStatements: statements === 'named',
    }),
  })
}
