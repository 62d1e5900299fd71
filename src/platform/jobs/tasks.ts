import type { Databases } from '../database/databases.ts'
import type { Database } from '../database/types.ts'
import type { Log } from '../log.ts'

/** What the worker gives to each task. The application adds its services. */
export interface WorkerTools {
  /** Connected as `kitaab_worker`, who sees and may delete the rows of everybody. */
  readonly worker: Database
  /** `forViewer(...)`: to act as somebody. */
  readonly databases: Databases
  readonly log: Log
  /** The clock. A task asks it, and no other. */
  now(): Date
  /** Aborted when the worker is to end: a long task then stops where it can be taken up again, by throwing. */
  readonly signal: AbortSignal
}

/**
 * One piece of work behind a request's back. It is taken again when it throws, and when the worker that had it died: what it did
 * before must then not be done twice.
 */
// biome-ignore lint/suspicious/noExplicitAny: each task knows its own payload, which holds ids alone
export type Task<Tools> = (payload: any, tools: Tools) => Promise<void>

export type Tasks<Tools> = Readonly<Record<string, Task<Tools>>>

/** A task that is done again and again. */
export interface Schedule<Name extends string = string> {
  readonly task: Name
  /** Minute, hour, day of the month, month, day of the week: in UTC. */
  readonly cron: string
  /** What for. */
  readonly purpose: string
  /** Also whenever a worker starts. */
  readonly atStart?: boolean
}
