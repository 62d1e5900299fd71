import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { LightMyRequestResponse } from 'fastify'
import { type App, buildApp } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { allScopes } from '../../src/domains/identity/rules.ts'
import { makeLoaders } from '../../src/loaders.ts'
import type { FlightInfo } from '../../src/platform/database/types.ts'
import { unauthenticated } from '../../src/platform/graphql/errors.ts'
import { defaultLimits, type Limits } from '../../src/platform/graphql/limits.ts'
import { makeLog } from '../../src/platform/log.ts'
import type { Viewer } from '../../src/platform/viewer.ts'
import { newDatabase, type TestDatabase } from './database.ts'
import { makeReferee } from './refereed-executor.ts'

/** Who a request is sent by: a person with an open session. */
export interface TestUser {
  readonly userId: string
  readonly sessionId: string
  readonly role?: Viewer['role']
  readonly scopes?: readonly string[]
}

export interface ServiceOptions {
  readonly database?: TestDatabase
  readonly config?: Partial<Config>
  readonly limits?: Partial<Limits>
  readonly operationTimeoutMs?: number
  /** Access tokens are those that the service signed, not those of `as`. */
  readonly ownTokens?: boolean
  /** False: queries are answered by one engine alone, as in a production start; for what is measured. */
  readonly refereed?: boolean
  /** Gets each line of the log. */
  readonly onLog?: (line: string) => void
}

export interface Executed {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  readonly data: any
  readonly errors?: readonly { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
  /** Groups of statements that the request sent to the database, repeated ones left out. */
  readonly flights: readonly FlightInfo[]
  readonly response: LightMyRequestResponse
}

export interface ExecuteOptions {
  readonly as?: TestUser
  readonly headers?: Record<string, string>
}

export interface TestService {
  readonly app: App
  readonly database: TestDatabase
  /** The folder of keys and unsent mails. */
  readonly home: string
  /** Sends a document over HTTP, in process: all of the service but the socket. */
  execute(query: string, variables?: Record<string, unknown>, options?: ExecuteOptions): Promise<Executed>
  /** How many queries were answered by both engines. */
  compared(): number
  /** Throws when one was answered differently; `stop` does so too. */
  assertEnginesAgree(): void
  stop(): Promise<void>
}

/** The service on a database of its own (a copy of the migrated template), or on `database`, which it then leaves alone. */
export async function startService(options: ServiceOptions = {}): Promise<TestService> {
  const database = options.database ?? (await newDatabase())
  const flights = new Map<string, FlightInfo[]>()
  const home = await mkdtemp(path.join(tmpdir(), 'kitaab-service-'))
  const referee = makeReferee({
    renew(context) {
      const { db, viewer, requestId, ...rest } = context as Context
      // What the second answer asks of the database is not counted.
      flights.delete(requestId)
      return { ...rest, db, viewer, requestId, loaders: makeLoaders(db, viewer) }
    },
  })
  const app = await buildApp(
    {
      ...readConfig({ NODE_ENV: 'test', PORT: '0', KITAAB_HOME: home, WORKER: 'off', CACHE: 'off' }),
      ...options.config,
    } as Config,
    {
      connections: database.connections,
      log: makeLog({ level: 'info', destination: { write: options.onLog ?? (() => {}) } }),
      limits: {
        ...defaultLimits,
        viewerCostPerMinute: 1_000_000,
        anonymousCostPerMinute: 1_000_000,
        ...options.limits,
      },
      // A test asks what is answered, not how soon: a busy machine must not change that.
      databaseTimeouts: { statementTimeoutMs: patienceMs, connectionTimeoutMs: patienceMs },
      operationTimeoutMs: options.operationTimeoutMs ?? patienceMs,
      ...(options.refereed !== false && { makeExecutor: referee.makeExecutor }),
      ...(!options.ownTokens && { verifyAccessToken }),
      onFlight: (requestId, flight) => {
        if (!flight.again) flights.get(requestId)?.push(flight)
      },
    },
  )
  return {
    app,
    database,
    home,
    async execute(query, variables = {}, { as, headers = {} } = {}) {
      const requestId = crypto.randomUUID()
      const sent: FlightInfo[] = []
      flights.set(requestId, sent)
      const response = await app.http.inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'x-request-id': requestId, ...(as && { authorization: `Bearer ${testToken(as)}` }), ...headers },
        payload: { query, variables },
      })
      flights.delete(requestId)
      return { ...response.json(), flights: sent, response }
    },
    compared: referee.compared,
    assertEnginesAgree: referee.assertAgreed,
    async stop() {
      await app.stop()
      await rm(home, { recursive: true })
      if (!options.database) await database.stop()
      referee.assertAgreed()
    },
  }
}

const patienceMs = 18_000

const prefix = 'test.'

/** A token that says who is meant, instead of one that `logIn` signed. */
export function testToken({ userId, sessionId, role = 'member', scopes = allScopes }: TestUser): string {
  return prefix + Buffer.from(JSON.stringify({ userId, sessionId, role, scopes })).toString('base64url')
}

function verifyAccessToken(token: string): Viewer {
  if (!token.startsWith(prefix))
    throw unauthenticated('This access token is none of ours.', { reason: 'INVALID_TOKEN' })
  return JSON.parse(Buffer.from(token.slice(prefix.length), 'base64url').toString())
}
