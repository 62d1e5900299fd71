import { Command } from 'commander'
import { type Config, loadConfig } from '../config.ts'
import type { Connections } from '../platform/database/connections.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, openDatabase } from './database.ts'
import { ensureDemoWorld } from './demo.ts'
import { say } from './run.ts'
import { settleInBackground } from './settle-goals.ts'

/** `kitaab serve` */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the service, with its own PostgreSQL unless DATABASE_URL names one. Ctrl-C stops both.')
    .action(serve)
}

async function serve(): Promise<void> {
  const config = loadConfig()
  const ending = endOfService()
  const database = await openDatabase(config, { command: 'kitaab serve', onLost: ending.fail })
  try {
    await serveUntil(ending.reached, config, database.connections)
  } finally {
    await database.stop()
  }
  say('Stopped.')
}

async function serveUntil(end: Promise<void>, config: Config, connections: Connections): Promise<void> {
  await ensureSchema(config, connections)
  // Loaded only by the command that needs all of it.
  const { buildApp } = await import('../app.ts')
  const demo = await ensureDemoWorld(config, connections)
  const log = makeLog({ level: config.logLevel })
  const app = await buildApp(demo === null ? config : keptLocal(config), { connections, log, demo })
  const ended = new AbortController()
  let settling: Promise<void> | undefined
  try {
    const { url, explorerUrl } = await app.start()
    settling = settleInBackground(connections, log, ended.signal)
    say(`Kitaab listens on ${url} (Ctrl-C stops it).`)
    if (explorerUrl !== null) {
      say(demo === null ? `The explorer: ${explorerUrl}` : `Open this link, which signs in once: ${explorerUrl}`)
    }
    await end
  } finally {
    ended.abort()
    await Promise.all([app.stop(), settling])
  }
}

const localHosts = new Set(['127.0.0.1', '::1', 'localhost'])

/** The password of the demo world is public, so nobody beyond this machine is let in. */
function keptLocal(config: Config): Config {
  if (localHosts.has(config.host)) return config
  say(`With the demo world in the database Kitaab listens on 127.0.0.1, not on ${config.host}.`)
  return { ...config, host: '127.0.0.1' }
}

/** Resolves at the first signal to end, rejects when the service cannot go on. A second signal ends the process at once. */
function endOfService() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // It may be rejected before anybody waits for it.
  promise.catch(() => {})
  let asked = false
  const onSignal = () => {
    if (asked) process.exit(130)
    asked = true
    say('Stopping ...')
    resolve()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return { reached: promise, fail: reject }
}
