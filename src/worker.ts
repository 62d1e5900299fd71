import type { JobTools } from './job-tools.ts'
import { jobs } from './jobs.ts'
import type { Connections } from './platform/database/connections.ts'
import type { Databases } from './platform/database/databases.ts'
import { makeWorker, type Worker } from './platform/jobs/worker.ts'
import type { Log } from './platform/log.ts'
import { schedules } from './schedules.ts'
import type { Services } from './services.ts'

export interface WorkerParts {
  readonly connections: Connections
  readonly log: Log
  readonly databases: Databases
  readonly services: Services
  /** Told of each job that ended, and of what it threw. */
  readonly onEnd?: ((task: string, error?: unknown) => void) | undefined
}

/** The worker of all domains' jobs. It leaves what it was given open. */
export function makeJobWorker({ connections, log, databases, services, onEnd }: WorkerParts): Worker {
  return makeWorker<JobTools>({
    connections,
    log,
    tasks: jobs,
    schedules,
    onEnd,
    toolsFor: (own) => ({ ...own, databases, services }),
  })
}
