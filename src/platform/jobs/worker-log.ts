import { EventEmitter } from 'node:events'
import { Logger, type WorkerEvents } from 'graphile-worker'
import pg from 'pg'
import type { Log } from '../log.ts'

/** Tells of the worker's own troubles, not of those of its tasks: once when it can't work, and once when it can again. */
export interface TroubleLog {
  trouble(error: unknown): void
  isOver(): void
}

export function makeTroubleLog(log: Log): TroubleLog {
  let troubled = false
  return {
    trouble(error) {
      if (troubled) return
      troubled = true
      if (isRefused(error))
        log.error(
          { err: error },
          'no jobs are done: let kitaab_worker in (grant it to the login of DATABASE_URL, or set DATABASE_WORKER_URL), and run "migrate up"',
        )
      else log.error({ err: error }, 'no jobs are done: the worker cannot reach the database, and tries again')
    },
    isOver() {
      if (troubled) log.info('jobs are done again')
      troubled = false
    },
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ['42501', '42P01', '3F000', '28000', '28P01'].includes(error.code ?? '')
}

/**
 * What the library says goes to the log at the level `debug`: it repeats itself while the database is away, and quotes errors of tasks,
 * which are logged where they are caught.
 */
export function libraryLogger(log: Log): Logger {
  return new Logger(({ workerId }) => (level, message) => {
    log.debug({ worker: workerId, level }, message.split('\n', 1)[0] ?? '')
  })
}

/** The events by which the library shows that it reaches the database, or does not. */
export function watchedEvents({ trouble, isOver }: TroubleLog): WorkerEvents {
  const events: WorkerEvents = new EventEmitter()
  events.on('pool:listen:error', ({ error }) => trouble(error))
  events.on('worker:getJob:error', ({ error }) => trouble(error))
  events.on('pool:listen:success', isOver)
  return events
}
