import type { Config } from '../config.ts'
import { addressedConnections, type Connections, embeddedConnections } from '../platform/database/connections.ts'
import { runningServer } from '../platform/database/embedded/running.ts'
import { type EmbeddedServer, HomeIsHeld, startEmbedded } from '../platform/database/embedded/server.ts'
import { migrateUp, schemaState, surveysState } from '../platform/database/migrator.ts'
import { ensurePartitions } from '../platform/database/partitions.ts'
import { describeError, say } from './run.ts'

export interface OpenDatabase {
  readonly connections: Connections
  /** Stops what was started for this process, and nothing else. */
  stop(): Promise<void>
}

export interface OpenOptions {
  /** Named to whoever wants the embedded database meanwhile. */
  readonly command: string
  readonly onLost?: (error: Error) => void
}

/** The configured database: by its address, or the embedded server, started for us. Throws `HomeIsHeld`. */
export async function openDatabase(config: Config, { command, onLost }: OpenOptions): Promise<OpenDatabase> {
  if (config.database.kind === 'addressed') {
    return { connections: addressedConnections(config.database.addresses), stop: async () => {} }
  }
  const { binaries } = config.database
  const server = await startEmbedded({ home: config.home, binaries, command, log: say, ...(onLost && { onLost }) })
  return ofServer(server)
}

function ofServer(server: EmbeddedServer): OpenDatabase {
  return { connections: embeddedConnections(server), stop: () => server.stop() }
}

/**
 * Does a piece of work on the configured database, for commands that end: through the server that `serve` runs at this
 * moment, else on one started and stopped here, also when a signal ends the work (the exit code is then 130 or 143).
 */
export async function withDatabase<T>(
  config: Config,
  command: string,
  work: (connections: Connections) => Promise<T>,
): Promise<T> {
  const database = await openOrJoin(config, command)
  const endWith = (code: number) => () => void database.stop().finally(() => process.exit(code))
  const onInterrupt = endWith(130)
  const onTerminate = endWith(143)
  process.once('SIGINT', onInterrupt).once('SIGTERM', onTerminate)
  try {
    return await work(database.connections)
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
    await database.stop()
  }
}

/** The server that `serve` runs at this moment, else one of our own. */
export async function openOrJoin(config: Config, command: string): Promise<OpenDatabase> {
  for (;;) {
    const running = config.database.kind === 'embedded' ? await runningServer(config.home) : null
    if (running !== null) return { connections: running, stop: async () => {} }
    try {
      return await openDatabase(config, { command })
    } catch (error) {
      // Somebody else began to start it between the question and our attempt.
      if (!(error instanceof HomeIsHeld)) throw error
    }
  }
}

/**
 * Makes sure that the schema is the one that this code was written for. The embedded database is migrated; another is
 * migrated only when told, so this throws with what to run.
 */
export async function ensureSchema(config: Config, connections: Connections): Promise<void> {
  const { state, pending, unknown } = await schemaState({ connections }).catch((error: unknown) => {
    if (config.database.kind === 'embedded') throw error
    throw new Error(
      `The database of DATABASE_URL can't be used: ${describeError(error)}. "npm run kitaab -- doctor" looks closer.`,
      { cause: error },
    )
  })
  if (state === 'newer') {
    throw new Error(
      `The database is newer than this version of Kitaab: it has ${unknown.join(', ')}. ` +
        'Run the version that migrated it, or take those back with that version\'s "npm run migrate down".',
    )
  }
  if (state === 'older' && config.database.kind === 'addressed') {
    throw new Error(
      `The database is older than this version of Kitaab: run "npm run migrate up" (pending: ${pending.join(', ')}).`,
    )
  }
  if (state === 'older' || (await surveysWait(config, connections))) await migrateUp({ connections })
  await ensurePartitions(connections)
}

/** Whether migrating now would bring surveys. A database that is not ours is migrated only when told: then it is said. */
async function surveysWait({ database }: Config, connections: Connections): Promise<boolean> {
  const { postgis, pending } = await surveysState({ connections })
  if (pending.length === 0) return false
  if (database.kind === 'embedded') return postgis === 'made' || postgis === 'offered'
  if (postgis === 'made') say('The database has PostGIS: "npm run migrate up" brings surveys.')
  return false
}
