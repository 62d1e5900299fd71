import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { makeApolloServer } from '../../src/platform/graphql/apollo.ts'
import type { Caller } from '../../src/platform/graphql/caller.ts'
import { directAnswers } from '../../src/platform/graphql/direct-answers.ts'
import { unlimited } from '../../src/platform/graphql/engine/compile-allowance.ts'
import { compiledExecutor } from '../../src/platform/graphql/engine/compiled-executor.ts'
import { unauthenticated } from '../../src/platform/graphql/errors.ts'
import { knownDocuments } from '../../src/platform/graphql/known-documents.ts'
import { defaultLimits, type Limits } from '../../src/platform/graphql/limits.ts'
import type { CallerContext } from '../../src/platform/graphql/operation-checks.ts'
import { makeSchema } from '../../src/platform/graphql/schema.ts'
import { makeBudgets } from '../../src/platform/http/budgets.ts'
import { addExportRoute } from '../../src/platform/http/export/export-route.ts'
import { addGraphqlRoute } from '../../src/platform/http/graphql-route.ts'
import { addHealth } from '../../src/platform/http/health.ts'
import { makeHttpServer } from '../../src/platform/http/server.ts'
import { makeLog } from '../../src/platform/log.ts'
import type { Viewer } from '../../src/platform/viewer.ts'

/** The directives, scalars and access enums that every schema of ours begins with. */
export const commonTypes = `
  directive @public on FIELD_DEFINITION
  directive @requires(scope: Scope!, role: Role) on FIELD_DEFINITION
  directive @scope(read: Scope!) on OBJECT
  directive @listSize(assumed: Int!, perDay: Boolean = false, perRow: Boolean = false) on FIELD_DEFINITION
  enum Scope { ACCOUNT_READ ACCOUNT_WRITE DEEDS_READ GOALS_READ }
  enum Role { MEMBER ANALYST SUPPORT ADMIN }
  scalar Date scalar Decimal scalar DateTime scalar JSONObject
`

export interface PlatformOptions {
  readonly typeDefs: string
  readonly resolvers?: Record<string, unknown>
  readonly limits?: Partial<Limits>
  readonly operationTimeoutMs?: number
  readonly mostAtOnce?: number
  readonly corsOrigins?: readonly string[]
  readonly trustedProxies?: number
  readonly redisUrl?: URL
  ping?(): Promise<void>
  checkSession?(context: CallerContext): Promise<void>
  readonly exportTimeoutMs?: number
  /** Told when an export gives back what it read from. */
  onExportClosed?(): void
  /** Fails in the making of contexts. */
  readonly contextFailure?: Error
}

export interface PlatformService {
  readonly http: FastifyInstance
  readonly log: readonly string[]
  /** How many requests were answered without Apollo. */
  answeredDirectly(): number
  /** Sends a document in process. `as`: with the viewer's token. */
  ask(query: string, options?: AskOptions): Promise<Asked>
  stop(): Promise<void>
}

export interface AskOptions {
  readonly variables?: Record<string, unknown>
  readonly as?: Partial<Viewer>
  readonly headers?: Record<string, string>
  readonly operationName?: string
  readonly remoteAddress?: string
}

export interface Asked {
  readonly status: number
  readonly headers: Record<string, unknown>
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  readonly data: any
  // biome-ignore lint/suspicious/noExplicitAny: extensions differ by code
  readonly errors: any[]
  readonly text: string
}

/** HTTP and GraphQL as they are served, over a schema of the test's own and no database. */
export async function startPlatform(options: PlatformOptions): Promise<PlatformService> {
  const lines: string[] = []
  const log = makeLog({ level: 'info', destination: { write: (line) => void lines.push(line) } })
  const limits = { ...defaultLimits, ...options.limits }
  let draining = false
  const isDraining = () => draining
  const budgets = makeBudgets(limits, { redisUrl: options.redisUrl ?? null, log })
  const { corsOrigins = [], trustedProxies = 0 } = options
  const http = await makeHttpServer({ log, limits, corsOrigins, trustedProxies, isDraining })
  const executable = makeSchema(commonTypes + options.typeDefs, options.resolvers ? [options.resolvers] : [])
  const checkSession = options.checkSession ?? (async () => {})
  const checks = { executable, limits, log, checkSession }
  const execute = compiledExecutor(executable.schema, { allowance: unlimited })
  const known = knownDocuments()
  const drain = fastifyApolloDrainPlugin(http)
  const server = makeApolloServer<CallerContext>(checks, execute, [drain], undefined, known)
  const answerDirectly = directAnswers<CallerContext>({ checks, known, execute, kept: null })
  let directly = 0
  await server.start()
  addHealth(http, { ping: options.ping ?? (async () => {}), isDraining })
  addGraphqlRoute<CallerContext>(http, {
    server,
    answerDirectly(asked, makeContext) {
      const answer = answerDirectly(asked, makeContext)
      if (answer) directly += 1
      return answer
    },
    budgets,
    isDraining,
    operationTimeoutMs: options.operationTimeoutMs ?? 10_000,
    mostAtOnce: options.mostAtOnce,
    verifyAccessToken,
    makeContext: (caller: Caller) => {
      if (options.contextFailure) throw options.contextFailure
      return { caller, viewer: caller.viewer }
    },
  })
  addExportRoute(http, {
    executable,
    limits,
    budgets,
    isDraining,
    verifyAccessToken,
    exportTimeoutMs: options.exportTimeoutMs,
    open: async (caller) => ({
      makeContext: () => ({ caller, viewer: caller.viewer }),
      close: async () => options.onExportClosed?.(),
    }),
  })
  return {
    http,
    log: lines,
    answeredDirectly: () => directly,
    async ask(query, { variables, as, headers, operationName, remoteAddress } = {}) {
      const response = await http.inject({
        method: 'POST',
        url: '/graphql',
        headers: { ...(as && { authorization: `Bearer ${tokenOf(as)}` }), ...headers },
        payload: { query, variables, operationName },
        ...(remoteAddress && { remoteAddress }),
      })
      const { data, errors = [] } = response.json()
      return { status: response.statusCode, headers: response.headers, data, errors, text: response.body }
    },
    async stop() {
      draining = true
      await server.stop()
      await budgets.stop()
    },
  }
}

const somebody: Viewer = { userId: '1', sessionId: crypto.randomUUID(), role: 'member', scopes: [] }

/** A token that says who is meant. */
export function tokenOf(viewer: Partial<Viewer>): string {
  return Buffer.from(JSON.stringify({ ...somebody, ...viewer })).toString('base64url')
}

function verifyAccessToken(token: string): Viewer {
  if (token === 'expired') throw unauthenticated('This access token has expired.', { reason: 'TOKEN_EXPIRED' })
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith('{"userId"')) throw unauthenticated('None of ours.', { reason: 'INVALID_TOKEN' })
  return JSON.parse(text)
}
