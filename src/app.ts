import { hash } from 'node:crypto'
import type { ApolloServerPlugin } from '@apollo/server'
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { addDataExports } from './data-exports.ts'
import { makeDomainDatabases } from './databases.ts'
import { offPageRoutes } from './domains/reminders/off-page.ts'
import { ownerState } from './domains/sharing/queries/owner-state.ts'
import { addExplorer, type Demo } from './explorer.ts'
import { addExports } from './exports.ts'
import { addHillshades } from './hillshades.ts'
import { keptFields } from './kept-fields.ts'
import { forgetLoaded, makeLoaders } from './loaders.ts'
import { openMetrics } from './metrics.ts'
import { type Cache, makeCache } from './platform/cache/cache.ts'
import { type KeptRows, makeKeptRows } from './platform/cache/kept-rows.ts'
import { makeMemoryStore } from './platform/cache/memory-store.ts'
import { makeRedisStore } from './platform/cache/redis-store.ts'
import type { Connections } from './platform/database/connections.ts'
import type { Databases, DatabasesOptions } from './platform/database/databases.ts'
import type { Transaction } from './platform/database/listeners.ts'
import { serverVersion } from './platform/database/server-version.ts'
import type { FlightInfo, RequestInfo } from './platform/database/types.ts'
import { makeApolloServer } from './platform/graphql/apollo.ts'
import type { Caller } from './platform/graphql/caller.ts'
import { directAnswers } from './platform/graphql/direct-answers.ts'
import { allowanceOf } from './platform/graphql/engine/compile-allowance.ts'
import { compiledExecutor, type Executor, plainExecutor } from './platform/graphql/engine/compiled-executor.ts'
import { someViewer } from './platform/graphql/found.ts'
import { keptAnswers } from './platform/graphql/kept/kept-answers.ts'
import { knownDocuments } from './platform/graphql/known-documents.ts'
import { defaultLimits, type Limits } from './platform/graphql/limits.ts'
import type { CallerContext, RequestChecks } from './platform/graphql/operation-checks.ts'
import { makeSchema, readSchemaText } from './platform/graphql/schema.ts'
import { serverInfoResolvers } from './platform/graphql/server-info.ts'
import { accountPageRoutes } from './platform/http/account-pages/routes.ts'
import type { VerifyAccessToken } from './platform/http/authentication.ts'
import { makeBudgets } from './platform/http/budgets.ts'
import { addGraphqlRoute } from './platform/http/graphql-route.ts'
import { addHealth } from './platform/http/health.ts'
import { makeHttpServer } from './platform/http/server.ts'
import type { Worker } from './platform/jobs/worker.ts'
import type { Log } from './platform/log.ts'
import type { Metrics } from './platform/metrics/metrics.ts'
import { makeSeals } from './platform/sealed-values.ts'
import { type Viewer, viewerIdOf } from './platform/viewer.ts'
import { domainResolvers } from './resolvers.ts'
import { addScanFiles } from './scan-files.ts'
import { contactOf, makeServices, packageVersion, type Services } from './services.ts'
import { addUploads } from './uploads.ts'
import type { WorkerParts } from './worker.ts'

/** What the service stands on, and what a test sets otherwise. */
export interface AppParts {
  readonly connections: Connections
  readonly log: Log
  readonly verifyAccessToken?: VerifyAccessToken
  readonly limits?: Limits
  readonly operationTimeoutMs?: number
  readonly exportTimeoutMs?: number
  readonly databaseTimeouts?: Pick<DatabasesOptions, 'statementTimeoutMs' | 'connectionTimeoutMs'>
  /** The demo world that is in the database: the explorer offers to be one of its people. */
  readonly demo?: Demo | null
  /** What runs operations, instead of what the configuration says. */
  readonly makeExecutor?: (schema: GraphQLSchema) => Executor
  /** Told of each group of statements that a request sent to the database. */
  readonly onFlight?: (requestId: string, flight: FlightInfo) => void
}

/** The service, ready to listen. */
export interface App {
  /** For requests in process (`http.inject`), and routes that are added before the start. */
  readonly http: FastifyInstance
  /** Where it listens, where it tells metrics if it does, and the explorer's address if there is one; in the demo world that signs in, once. */
  start(): Promise<{ url: string; explorerUrl: string | null; metricsUrl: string | null }>
  /** What does the jobs. It works by itself only where the configuration says so, from the start on. */
  worker(): Promise<Worker>
  /** Of the answers that are kept; null where none are. */
  readonly cache: Pick<Cache, 'stats'> | null
  /** Answers what is under way, refuses what is new, and closes all connections; after 10 s it closes them anyway. */
  stop(): Promise<void>
}

const defaultTimeoutMs = 10_000

type ServedContext = Context & CallerContext

/** Connections that the system keeps until they are looked at; with Node's 511, clients that come all at once are cut off. */
const waitingConnections = 4_096

/** Puts the parts together. Nothing listens yet; the database is first asked when somebody asks the service. */
export async function buildApp(config: Config, parts: AppParts): Promise<App> {
  const { connections, log, limits = limitsOf(config) } = parts
  const databases = makeDomainDatabases({ connections, log, contact: contactOf(config), ...parts.databaseTimeouts })
  const services = await makeServices(config, log)
  const budgets = makeBudgets(limits, { redisUrl: config.redisUrl, log })
  let draining = false
  const isDraining = () => draining
  const http = await makeHttpServer({ ...config, log, limits, isDraining })
  const executable = servedSchema(config, limits, { databases, services })
  const cache = config.cache ? cacheOf(config, log) : null
  const metrics = await openMetrics(config, { http, databases, cache, connections, log })
  const execute = (parts.makeExecutor ?? executorOf(config, metrics))(executable.schema)
  const checks = { executable, limits, log, checkSession }
  const { server, answerDirectly } = serverOf(checks, execute, cache, fastifyApolloDrainPlugin(http))
  await server.start()
  addHealth(http, { ping: databases.ping, isDraining })
  const contextOf = contextsOf({ databases, services, kept: keptRowsOf(cache, services), onFlight: parts.onFlight })
  const verifyAccessToken = parts.verifyAccessToken ?? services.identity.accessTokens.verify
  const admission = { budgets, isDraining, verifyAccessToken }
  const { operationTimeoutMs = defaultTimeoutMs, exportTimeoutMs } = parts
  const answering = { server, answerDirectly, operationTimeoutMs, makeContext: contextOf }
  addGraphqlRoute<ServedContext>(http, { ...admission, ...answering })
  addExports(http, { ...admission, executable, limits, databases, makeContext: contextOf, exportTimeoutMs })
  await addLinked(http, { databases, services, limits, isDraining, explorer: config.explorer })
  const explorer = config.explorer ? await addExplorer(http, { databases, services, demo: parts.demo ?? null }) : null
  const worker = lazyWorker({ connections, log, databases, services, onEnd: metrics?.onJobEnd })
  return {
    http,
    async start() {
      const url = await http.listen({ host: config.host, port: config.port, backlog: waitingConnections })
      if (!config.publicUrl && config.port === 0) services.publicUrl = url
      const metricsUrl = (await metrics?.start()) ?? null
      // Loaded behind the start: nobody waits for the first job.
      if (config.worker) void worker.get().then((made) => made.start())
      return { url, explorerUrl: explorer && url + explorer.path, metricsUrl }
    },
    worker: worker.get,
    cache,
    async stop() {
      draining = true
      await Promise.all([server.stop(), worker.stop()])
      await services.identity.mailer.stop()
      await Promise.all([databases.stop(), budgets.stop(), cache?.stop(), metrics?.stop()])
    },
  }
}

/** What links lead to: those in mails, those to exports and to files of scans, and those for uploads. */
async function addLinked(
  http: FastifyInstance,
  parts: Parameters<typeof addUploads>[1] & { readonly explorer: boolean },
): Promise<void> {
  const { databases, services } = parts
  await http.register(accountPageRoutes, { explorer: parts.explorer })
  await http.register(offPageRoutes(services.reminders, databases))
  addDataExports(http, { databases, services })
  addHillshades(http, services)
  addScanFiles(http, { databases, services })
  await addUploads(http, parts)
}

function lazyWorker(parts: WorkerParts) {
  let made: Promise<Worker> | undefined
  return {
    get() {
      made ??= import('./worker.ts').then(({ makeJobWorker }) => makeJobWorker(parts))
      return made
    },
    stop: async () => (await made)?.stop(),
  }
}

function limitsOf({ viewerPointsPerMinute }: Config): Limits {
  return { ...defaultLimits, viewerCostPerMinute: viewerPointsPerMinute }
}

/** A document that comes again is compiled at most 20 times a second, 100 at once: a compilation takes milliseconds. */
function executorOf({ engine }: Config, metrics: Metrics | null): (schema: GraphQLSchema) => Executor {
  if (engine === 'graphql-js') return plainExecutor
  const onExecution = metrics?.onExecution
  return (schema) =>
    compiledExecutor(schema, {
      allowance: allowanceOf({ burst: 100, perSecond: 20 }),
      ...(onExecution && { onExecution }),
    })
}

function cacheOf({ redisUrl, cacheMegabytes }: Config, log: Log): Cache {
  const now = Date.now
  const store = redisUrl
    ? makeRedisStore({ url: redisUrl, log, now })
    : makeMemoryStore({ bytes: cacheMegabytes * 1_000_000, now })
  return makeCache(store, { now })
}

/** Apollo, and what answers in its place the documents that it has seen. */
function serverOf(
  checks: RequestChecks<ServedContext>,
  execute: Executor,
  cache: Cache | null,
  drain: ApolloServerPlugin<ServedContext>,
) {
  const known = knownDocuments()
  const kept = cache && keptBy(cache, checks, execute)
  const answerDirectly = directAnswers({ checks, known, execute, kept })
  const plugins = [drain, ...(kept?.plugins ?? [])]
  const server = makeApolloServer(checks, kept?.executor ?? execute, plugins, kept?.stringifyResult, known)
  return { server, answerDirectly }
}

function keptBy(cache: Cache, checks: RequestChecks<ServedContext>, execute: Executor) {
  return keptAnswers<ServedContext>(checks.executable.schema, execute, {
    cache,
    fields: keptFields,
    program: programHash(),
    stateOf: async ({ db, viewer }, ownerId) => (await ownerState(db, viewerIdOf(viewer), ownerId)) ?? null,
  })
}

/** What is kept is sealed by keys that were looked for lately: what a newer one sealed is read from the database. */
function keptRowsOf(cache: Cache | null, { identity: { keyRing } }: Services): KeptRows | null {
  const seals = makeSeals(() => keyRing.recent().derived('kitaab kept rows'))
  return cache && makeKeptRows(cache, { program: programHash(), seals })
}

/** Tells this program from others, which answer otherwise. */
function programHash(): string {
  return hash('sha256', `${packageVersion()} ${readSchemaText()}`)
}

function servedSchema(
  config: Config,
  limits: Limits,
  { databases, services }: Pick<WorkerParts, 'databases' | 'services'>,
) {
  const text = readSchemaText()
  const facts = {
    version: packageVersion(),
    limits,
    explorer: config.explorer,
    postgresVersion: () => serverVersion(databases.auth),
    features: async () => ((await services.surveys.areReady(databases.auth)) ? ['POSTGIS'] : []),
  }
  return makeSchema(text, [serverInfoResolvers(text, facts), ...domainResolvers])
}

interface ContextParts {
  readonly databases: Databases
  readonly services: Services
  readonly kept: KeptRows | null
  readonly onFlight: AppParts['onFlight']
}

const contextsOf = (parts: ContextParts) => (caller: Caller) => makeContext(caller, parts)

function makeContext(caller: Caller, { databases, services, kept, onFlight }: ContextParts): ServedContext {
  const { viewer, requestId, ip, userAgent, signal, cookies } = caller
  const request = { requestId, ip, signal, onFlight: onFlight && ((flight: FlightInfo) => onFlight(requestId, flight)) }
  return {
    caller,
    ...readingAs(viewer, { databases, request, kept }),
    services,
    requestId,
    ip,
    userAgent,
    signal,
    cookies,
    lookAs(this: ServedContext, viewerId) {
      // In place, on the copy that resolvers got: what resolves below takes it apart anew.
      const { sessionId, scopes, userId } = someViewer(viewer)
      const other = { userId: viewerId, sessionId, role: 'member' as const, scopes, previewedBy: userId }
      Object.assign(this, readingAs(other, { databases, request, kept }))
    },
  }
}

/** What of a context depends on who reads. */
function readingAs(
  viewer: Viewer | null,
  { databases, request, kept }: Pick<ContextParts, 'databases' | 'kept'> & { readonly request: RequestInfo },
) {
  const { db, transaction, auth, reporting } = databases.forViewer(viewer, request)
  const loaders = makeLoaders(db, viewer, kept)
  const writing: Context['transaction'] = async (work, options) => {
    let handed: Transaction['handed'] = []
    try {
      return await transaction((tx) => {
        handed = tx.handed
        return work(tx)
      }, options)
    } catch (error) {
      handed = []
      throw error
    } finally {
      // What was read before it may be old now. The object stays the same one: resolvers have taken it apart already.
      forgetLoaded(loaders)
      for (const hand of handed) hand(loaders as never)
    }
  }
  return { viewer, db, transaction: writing, auth, reporting, loaders }
}

/** A transaction that does nothing else checks session, status and role in its first statement (SES-2). */
async function checkSession({ transaction }: ServedContext): Promise<void> {
  await transaction(async () => {})
}
