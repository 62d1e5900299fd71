import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { sessionOptions } from '../session-settings.ts'
import { typeParsers } from '../type-parsers.ts'
import { findBinaries } from './binaries.ts'
import { ensureCluster, refuseOtherVersions, superuser } from './cluster.ts'
import { type Holder, type HomeLock, takeHome } from './home-lock.ts'
import { choosePlaces, defaultElsewhere, makeSocketFolder, type Places, removeSocketFolder } from './places.ts'
import { clearRemains, readClaim, startPostmaster, stopProcess } from './postmaster.ts'
import { makeOpenFolder, refuseForeign } from './run-as.ts'

/** The database that Kitaab's tables are in. */
export const databaseName = 'kitaab'

export interface EmbeddedServer {
  /** Settings for a connection as this role. */
  connection(role: string, database?: string): pg.ClientConfig
  readonly dataDirectory: string
  readonly major: number
  /** Ends PostgreSQL (a fast shutdown: open transactions are rolled back) and gives the home back. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** The folder of everything that Kitaab keeps on this machine. */
  readonly home: string
  /** Another installation's `bin` folder, instead of the npm package's. */
  readonly binaries?: string | undefined
  /** The command that holds the home, named to a second one. */
  readonly command?: string
  /** Where data goes when the server's user may not enter the home. */
  readonly elsewhere?: string
  /** Further server settings. */
  readonly settings?: Readonly<Record<string, string>>
  /** False for data that need not survive a power cut (tests). */
  readonly durable?: boolean
  /** Told what a person should know, in sentences. */
  readonly log: (line: string) => void
  /** PostgreSQL died and could not be started again. */
  readonly onLost?: (error: Error) => void
}

/** Another live process holds this home. */
export class HomeIsHeld extends Error {
  override readonly name = 'HomeIsHeld'
  readonly home: string
  readonly holder: Holder

  constructor(home: string, holder: Holder) {
    super(
      `"${holder.command}" (process ${holder.pid}) is already running on ${home}: stop it first, or set another KITAAB_HOME.`,
    )
    this.home = home
    this.holder = holder
  }
}

const defaults = {
  fsync: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The log keeps what happened, not what people wrote: no statements, no details with values of keys.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}
const careless = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }
const largestLog = 10 * 1024 * 1024

/**
 * Starts this home's PostgreSQL, making its data on the first start, and keeps it running: a postmaster that dies is started
 * again. Throws `HomeIsHeld` when another process runs it, and one clear line for all that a person can put right.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const home = path.resolve(options.home)
  makeOpenFolder(home)
  refuseForeign(home)
  const binaries = findBinaries(options.binaries)
  const lock = takeHome(home, options.command ?? 'kitaab')
  if (!('release' in lock)) throw new HomeIsHeld(home, lock)
  try {
    const places = choosePlaces(home, binaries, path.resolve(options.elsewhere ?? defaultElsewhere))
    if (places.runAs === null) refuseForeign(places.data)
    tellPlaces(home, places, binaries.folder, options.log)
    refuseOtherVersions(places, options.binaries !== undefined)
    return await run(places, lock, options)
  } catch (error) {
    lock.release()
    throw error
  }
}

function tellPlaces(
  home: string,
  { shelter, binaries, runAs }: Places,
  found: string,
  log: (line: string) => void,
): void {
  const user = `${runAs?.name}, as whom PostgreSQL runs`
  if (shelter !== home) log(`${home} was closed to ${user}: its data is in ${shelter}.`)
  if (binaries.folder !== found) log(`${found} is closed to ${user}: its programs are in ${binaries.folder}.`)
}

async function run(places: Places, lock: HomeLock, options: EmbeddedOptions): Promise<EmbeddedServer> {
  const durable = options.durable ?? true
  await prepare(places, durable, options.log)
  const socketFolder = makeSocketFolder(places)
  const settings = { ...defaults, ...(durable ? {} : careless), ...options.settings }
  const postmaster = await keepRunning(() => startPostmaster(places, socketFolder, settings), options)
  const connection = (role: string, database?: string) => socketConnection(socketFolder, role, database)
  const stop = async () => {
    await postmaster.stop()
    removeSocketFolder(socketFolder)
    lock.release()
  }
  try {
    await ensureDatabase(connection(superuser, 'postgres'))
    lock.publish(socketFolder)
  } catch (error) {
    await stop()
    throw error
  }
  return { connection, dataDirectory: places.data, major: places.binaries.major, stop }
}

async function prepare(places: Places, durable: boolean, log: (line: string) => void): Promise<void> {
  if (fs.existsSync(path.join(places.data, 'PG_VERSION'))) {
    const claim = readClaim(places.data)
    await clearRemains(places.data)
    if (claim !== null) {
      removeSocketFolder(claim.socketFolder)
      log('The last run did not end cleanly: PostgreSQL recovers what was committed.')
    }
  } else {
    await ensureCluster(places, { durable })
  }
  if ((fs.statSync(places.log, { throwIfNoEntry: false })?.size ?? 0) > largestLog)
    fs.renameSync(places.log, `${places.log}.1`)
}

/** Settings for a connection to the server whose socket is in this folder. */
export function socketConnection(socketFolder: string, role: string, database = databaseName): pg.ClientConfig {
  return {
    host: socketFolder,
    port: 5432,
    user: role,
    database,
    password: '',
    ssl: false,
    types: typeParsers,
    options: sessionOptions(),
  }
}

async function ensureDatabase(config: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName])
    if (rowCount === 0) await client.query(`create database ${databaseName}`)
  } finally {
    await client.end()
  }
}

const mostRestarts = 5
const restartWindowMs = 60_000

/** Starts the process, and starts it again whenever it ends unasked, unless it dies again and again. */
async function keepRunning(start: () => Promise<ChildProcess>, { log, onLost }: EmbeddedOptions) {
  let stopping = false
  let restarting: Promise<void> = Promise.resolve()
  let deaths: number[] = []
  const watch = (started: ChildProcess) => {
    started.once('exit', () => {
      if (!stopping) restarting = restart()
    })
    return started
  }
  let child = watch(await start())
  const restart = async () => {
    deaths = [...deaths.filter((at) => at > Date.now() - restartWindowMs), Date.now()]
    log('PostgreSQL ended unexpectedly: starting it again.')
    try {
      if (deaths.length > mostRestarts) throw new Error(`PostgreSQL died ${deaths.length} times within a minute.`)
      child = watch(await start())
    } catch (error) {
      if (!stopping) onLost?.(error as Error)
    }
  }
  return {
    async stop() {
      stopping = true
      await restarting
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await Promise.race([Promise.all([stopProcess(child.pid ?? 0), ended]), delay(30_000, undefined, { ref: false })])
    },
  }
}
