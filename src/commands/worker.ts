import { Command } from 'commander'
import { type Config, loadConfig } from '../config.ts'
import type { Connections } from '../platform/database/connections.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, openOrJoin } from './database.ts'
import { endOfProcess } from './ending.ts'
import { Failed, say } from './run.ts'

/** `kitaab worker` */
export function workerCommand(): Command {
  return new Command('worker')
    .description('Do the jobs: reminders, goals that end, exports, deletions for good. Several may run at once.')
    .option('--once', 'do what waits now, then end; exit 1 when something failed')
    .option('--retry', 'first put back what failed too often to be tried again')
    .action(work)
}

async function work({ once = false, retry = false }: { once?: boolean; retry?: boolean }): Promise<void> {
  const config = loadConfig()
  const ending = endOfProcess()
  const database = await openOrJoin(config, 'kitaab worker')
  try {
    await ensureSchema(config, database.connections)
    await withWorker(config, database.connections, async (worker) => {
      if (retry) say(`Put back: ${await worker.retryDead()}.`)
      await (once ? drain(worker) : workUntil(ending.reached, worker))
    })
  } finally {
    await database.stop()
  }
  if (!once) say('Stopped.')
}

type Worker = ReturnType<typeof import('../worker.ts').makeJobWorker>

async function withWorker(config: Config, connections: Connections, use: (worker: Worker) => Promise<void>) {
  // Loaded only by the command that needs all of it.
  const { makeDomainDatabases } = await import('../databases.ts')
  const { makeServices } = await import('../services.ts')
  const { makeJobWorker } = await import('../worker.ts')
  const log = makeLog({ level: config.logLevel })
  const databases = makeDomainDatabases({ connections, log })
  const services = await makeServices(config, log)
  const worker = makeJobWorker({ connections, log, databases, services })
  try {
    await use(worker)
  } finally {
    await worker.stop()
    await services.identity.mailer.stop()
    await databases.stop()
  }
}

async function workUntil(end: Promise<void>, worker: Worker): Promise<void> {
  worker.start()
  say('The worker runs (Ctrl-C stops it).')
  await end
}

async function drain(worker: Worker): Promise<void> {
  const { done, failed } = await worker.drain()
  say(`Done: ${done.length}. Failed, and tried again later: ${failed.length}.`)
  if (failed.length > 0) throw new Failed()
}
