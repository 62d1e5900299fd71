import { Command } from 'commander'
import { type Config, loadConfig } from '../config.ts'
import type { Connections } from '../platform/database/connections.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, openDatabase } from './database.ts'
import { ensureDemoWorld } from './demo.ts'
import { endOfProcess } from './ending.ts'
import { say } from './run.ts'

/** `kitaab serve` */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the service, with its own PostgreSQL unless DATABASE_URL names one. Ctrl-C stops both.')
    .action(serve)
}

async function serve(): Promise<void> {
  const config = loadConfig()
  const ending = endOfProcess()
  const database = await openDatabase(config, { command: 'kitaab serve', onLost: ending.fail })
  try {
    await serveUntil(ending, config, database.connections)
  } finally {
    await database.stop()
  }
  say('Stopped.')
}

type Ending = ReturnType<typeof endOfProcess>

/** Whoever is asked to end before it listens goes no further than the step that is under way. */
async function serveUntil(ending: Ending, config: Config, connections: Connections): Promise<void> {
  if (!ending.isAsked()) await ensureSchema(config, connections)
  if (ending.isAsked()) return
  // Loaded only by the command that needs all of it.
  const { buildApp } = await import('../app.ts')
  const demo = await ensureDemoWorld(config, connections)
  if (ending.isAsked()) return
  const log = makeLog({ level: config.logLevel })
  const app = await buildApp(demo === null ? config : keptLocal(config), { connections, log, demo })
  try {
    const { url, explorerUrl, metricsUrl } = await app.start()
    say(`Kitaab listens on ${url} (Ctrl-C stops it).`)
    if (metricsUrl !== null) say(`Metrics: ${metricsUrl}`)
    if (explorerUrl !== null) {
      say(demo === null ? `The explorer: ${explorerUrl}` : `Open this link, which signs in once: ${explorerUrl}`)
    }
    await ending.reached
  } finally {
    await app.stop()
  }
}

const localHosts = new Set(['127.0.0.1', '::1', 'localhost'])

/** The password of the demo world is public, so nobody beyond this machine is let in. */
function keptLocal(config: Config): Config {
  if (localHosts.has(config.host)) return config
  say(`With the demo world in the database Kitaab listens on 127.0.0.1, not on ${config.host}.`)
  return { ...config, host: '127.0.0.1' }
}
