import type { AuthDatabase } from './auth-database.ts'
import { makeAuthDatabase } from './auth-database.ts'
import type { Connections } from './connections.ts'
import type { ConstraintErrors } from './database-errors.ts'
import type { Listeners } from './listeners.ts'
import { makeListeners } from './listeners.ts'
import { makeLongReads } from './long-reads.ts'
import { makePipelinedReads } from './pipelined-reads.ts'
import { makePool, type PoolUsage } from './pools.ts'
import { makeReportingDatabase } from './reporting-database.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'
import { makeStatementNames } from './statement-names.ts'
import type { Database, DatabaseLog, RequestInfo, ViewerIdentity } from './types.ts'
import type { ViewerDatabase } from './viewer-database.ts'
import { makeViewerDatabase } from './viewer-database.ts'
import type { RunTransaction } from './viewer-transactions.ts'
import { viewerTransactions } from './viewer-transactions.ts'

export interface DatabasesOptions {
  readonly connections: Pick<Connections, 'forRole' | 'namesStatements'>
  readonly log: DatabaseLog
  readonly listeners?: Listeners
  /** What broken constraints mean, from all domains. */
  readonly constraintErrors?: ConstraintErrors
  /** The mail address of whoever runs the service, for those whose account is suspended; null: none. */
  readonly contact?: string | null
  /** How long a statement may take, in milliseconds: 2,000, and 10,000 on the pool for long reads. */
  readonly statementTimeoutMs?: number
  readonly longStatementTimeoutMs?: number
  /** How long to wait for a connection, in milliseconds. */
  readonly connectionTimeoutMs?: number
  readonly sizes?: Partial<typeof defaultSizes>
}

/** What one request may use. */
export interface RequestDatabases {
  readonly db: ViewerDatabase
  readonly transaction: RunTransaction
  readonly auth: AuthDatabase
  /** The schema `reporting`, as `kitaab_readonly`. */
  readonly reporting: Database
}

export interface Databases {
  /** For one request of a viewer, or of nobody. */
  forViewer(viewer: ViewerIdentity | null, request?: RequestInfo): RequestDatabases
  /** For work outside requests. */
  readonly auth: AuthDatabase
  /** What the viewer sees at this instant, for reads that take many statements; holds one of two connections until it is closed. */
  snapshot(viewer: ViewerIdentity | null, request?: RequestInfo): Promise<Snapshot>
  /** Rejects with UNAVAILABLE unless a read can be answered now. */
  ping(): Promise<void>
  /** How busy the connections are now. */
  usage(): DatabaseUsage
  /** Waits for what runs, and closes all connections. */
  stop(): Promise<void>
}

export interface DatabaseUsage {
  /** Statements of the pipelined reads that were sent and not answered. */
  readonly readsInFlight: number
  readonly pools: Readonly<Record<string, PoolUsage>>
}

/** Connections of each kind; names of prepared statements; statements that may wait for answers of the pipelined reads. */
const defaultSizes = {
  reads: 2,
  transactions: 10,
  long: 3,
  snapshots: 2,
  auth: 3,
  reporting: 2,
  statementNames: 500,
  waiting: 5_000,
}

/** The connections of one process, opened as they are needed, and the handles on them that requests get. */
export function makeViewerDatabases(options: DatabasesOptions): Databases {
  const { log, listeners = makeListeners(), constraintErrors, contact } = options
  const statementNames = options.connections.namesStatements === false ? 0 : defaultSizes.statementNames
  const sizes = { ...defaultSizes, statementNames, ...options.sizes }
  const { reads, ...pools } = openConnections(options, sizes)
  const common = { log, listeners, constraintErrors, contact }
  const writing = { ...common, pool: pools.transactions, statementNames: makeStatementNames(sizes.statementNames) }
  const authenticating = { ...common, pool: pools.auth, statementNames: makeStatementNames(sizes.statementNames) }
  let stopped: Promise<unknown> | undefined
  const sources = { reads, longReads: makeLongReads(pools.long) }

  return {
    forViewer: (viewer, request) => ({
      db: makeViewerDatabase(sources, viewer, request),
      transaction: viewerTransactions(writing, viewer, request),
      auth: makeAuthDatabase(authenticating, request),
      reporting: makeReportingDatabase(pools.reporting, request),
    }),
    auth: makeAuthDatabase(authenticating),
    snapshot: (viewer, request) => openSnapshot(pools.snapshots, viewer, request),
    async ping() {
      await makeViewerDatabase(sources, null)
        .selectNoFrom((eb) => eb.lit(1).as('answer'))
        .execute()
    },
    usage: () => ({
      readsInFlight: reads.inFlight(),
      pools: Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, pool.usage()])),
    }),
    async stop() {
      stopped ??= Promise.all([reads, ...Object.values(pools)].map((each) => each.stop()))
      await stopped
    },
  }
}

/**
 * How long a connection for transactions is kept with nothing to do: it knows the plans of what is written, and a new one has to make
 * each of them six times, just when there is so much to do that another one is needed.
 */
const keptIdleMs = 300_000

/** What a statement that stands alone calls reads in its snapshot too. A pooler that leaves options out leaves it read committed. */
const oneSnapshotEach = (options = '') => `${options} -c default_transaction_isolation=repeatable\\ read`.trim()

function openConnections(
  {
    connections,
    log,
    statementTimeoutMs = 2_000,
    longStatementTimeoutMs = 10_000,
    connectionTimeoutMs,
  }: DatabasesOptions,
  sizes: typeof defaultSizes,
) {
  const config = (role: 'kitaab_app' | 'kitaab_auth' | 'kitaab_readonly', statementTimeout: number) => ({
    ...connections.forRole(role),
    connectionTimeoutMillis: connectionTimeoutMs ?? 3_000,
    statement_timeout: statementTimeout,
    // A process that stopped in the middle must not keep its locks.
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
  })
  const app = config('kitaab_app', statementTimeoutMs)
  const long = config('kitaab_app', longStatementTimeoutMs)
  return {
    reads: makePipelinedReads({
      config: { ...app, options: oneSnapshotEach(app.options) },
      log,
      connections: sizes.reads,
      statementNames: sizes.statementNames,
      limit: sizes.waiting,
    }),
    transactions: makePool({ ...app, pipeline: true, max: sizes.transactions, idleTimeoutMillis: keptIdleMs }, log),
    long: makePool({ ...long, max: sizes.long }, log),
    snapshots: makePool({ ...long, max: sizes.snapshots }, log),
    auth: makePool({ ...config('kitaab_auth', statementTimeoutMs), max: sizes.auth }, log),
    reporting: makePool({ ...config('kitaab_readonly', statementTimeoutMs), max: sizes.reporting }, log),
  }
}
