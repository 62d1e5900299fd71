import type { AuthDatabase } from './auth-database.ts'
import { makeAuthDatabase } from './auth-database.ts'
import type { Connections } from './connections.ts'
import type { ConstraintErrors } from './database-errors.ts'
import type { Listeners } from './listeners.ts'
import { makeListeners } from './listeners.ts'
import { makeLongReads } from './long-reads.ts'
import { makePipelinedReads } from './pipelined-reads.ts'
import { makePool } from './pools.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'
import { makeStatementNames } from './statement-names.ts'
import type { DatabaseLog, RequestInfo, ViewerIdentity } from './types.ts'
import type { ViewerDatabase } from './viewer-database.ts'
import { makeViewerDatabase } from './viewer-database.ts'
import type { RunTransaction } from './viewer-transactions.ts'
import { viewerTransactions } from './viewer-transactions.ts'

export interface DatabasesOptions {
  readonly connections: Pick<Connections, 'forRole'>
  readonly log: DatabaseLog
  readonly listeners?: Listeners
  /** What broken constraints mean, from all domains. */
  readonly constraintErrors?: ConstraintErrors
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
  /** Waits for what runs, and closes all connections. */
  stop(): Promise<void>
}

/** Connections of each kind; names of prepared statements; statements that may wait for answers of the pipelined reads. */
const defaultSizes = { reads: 2, transactions: 10, long: 3, snapshots: 2, auth: 3, statementNames: 500, waiting: 5_000 }

/** The connections of one process, opened as they are needed, and the handles on them that requests get. */
export function makeViewerDatabases(options: DatabasesOptions): Databases {
  const { connections, log, listeners = makeListeners(), constraintErrors, connectionTimeoutMs = 3_000 } = options
  const { statementTimeoutMs = 2_000, longStatementTimeoutMs = 10_000 } = options
  const sizes = { ...defaultSizes, ...options.sizes }

  const config = (role: 'kitaab_app' | 'kitaab_auth', statementTimeout: number) => ({
    ...connections.forRole(role),
    connectionTimeoutMillis: connectionTimeoutMs,
    statement_timeout: statementTimeout,
    // A process that stopped in the middle must not keep its locks.
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
  })
  const app = config('kitaab_app', statementTimeoutMs)
  const reads = makePipelinedReads({
    config: app,
    log,
    connections: sizes.reads,
    statementNames: sizes.statementNames,
    limit: sizes.waiting,
  })
  const transactions = makePool({ ...app, max: sizes.transactions }, log)
  const long = makePool({ ...config('kitaab_app', longStatementTimeoutMs), max: sizes.long }, log)
  const snapshots = makePool({ ...config('kitaab_app', longStatementTimeoutMs), max: sizes.snapshots }, log)
  const accounts = makePool({ ...config('kitaab_auth', statementTimeoutMs), max: sizes.auth }, log)

  const common = { log, listeners, constraintErrors }
  const writing = { ...common, pool: transactions, statementNames: makeStatementNames(sizes.statementNames) }
  const authenticating = { ...common, pool: accounts, statementNames: makeStatementNames(sizes.statementNames) }
  let stopped: Promise<unknown> | undefined
  const sources = { reads, longReads: makeLongReads(long) }

  return {
    forViewer: (viewer, request) => ({
      db: makeViewerDatabase(sources, viewer, request),
      transaction: viewerTransactions(writing, viewer, request),
      auth: makeAuthDatabase(authenticating, request),
    }),
    auth: makeAuthDatabase(authenticating),
    snapshot: (viewer, request) => openSnapshot(snapshots, viewer, request),
    async ping() {
      await makeViewerDatabase(sources, null)
        .selectNoFrom((eb) => eb.lit(1).as('answer'))
        .execute()
    },
    async stop() {
      stopped ??= Promise.all([reads, transactions, long, snapshots, accounts].map((each) => each.stop()))
      await stopped
    },
  }
}
