import { setTimeout as delay } from 'node:timers/promises'
import { parseCronItems, type Runner, run, runTaskListOnce, type TaskList, type WorkerPool } from 'graphile-worker'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Connections } from '../database/connections.ts'
import type { Tables } from '../database/types.ts'
import type { Log } from '../log.ts'
import { beginLife, type Life } from './lives.ts'
import { oneQueryAtATime } from './one-query-at-a-time.ts'
import { isDead } from './queue-state.ts'
import { type RunningTask, runnable } from './running.ts'
import type { Schedule, Tasks, WorkerTools } from './tasks.ts'
import { libraryLogger, makeTroubleLog, type TroubleLog, watchedEvents } from './worker-log.ts'

export interface WorkerOptions<Tools> {
  readonly connections: Pick<Connections, 'forRole'>
  readonly log: Log
  readonly tasks: Tasks<Tools>
  readonly schedules: readonly Schedule[]
  /** What a task gets, with what the worker has of its own. */
  readonly toolsFor: (own: Pick<WorkerTools, 'worker' | 'log' | 'now' | 'signal'>) => Tools
  /** Told of each task that ended, and of what it threw. */
  readonly onEnd?: RunningTask['onEnd'] | undefined
  /** How often to look for workers that died, in milliseconds. */
  readonly lookMs?: number
  /** How long jobs may go on when the worker is to end: until their signal is aborted, and until they are put back, in milliseconds. */
  readonly patience?: { readonly abortMs: number; readonly giveUpMs: number }
}

export interface Worker {
  /** Works from now on, whenever the database can be reached. Waits for nothing. */
  start(): void
  /** Does what waits, and what that asks for, until nothing is left. Answers what was done, by task; one that failed waits for its turn again. */
  drain(options?: { readonly now?: () => Date }): Promise<{ done: string[]; failed: string[] }>
  /** Has those done anew that failed so often that nobody tries them again. Answers how many. */
  retryDead(): Promise<number>
  /** Takes no more jobs, lets go those it has within 8 s, and closes its connections. */
  stop(): Promise<void>
}

/** Jobs at once. */
const concurrency = 4
/** Beside those of the tasks: for news of jobs, the schedules, the sign of life, and for taking jobs. */
const otherConnections = 4
const defaultPatience = { abortMs: 3_000, giveUpMs: 6_000 }
const firstRetryMs = 500
const longestRetryMs = 30_000

/** Does the jobs of graphile-worker as `kitaab_worker`. Any number of these may work side by side. */
export function makeWorker<Tools>(options: WorkerOptions<Tools>): Worker {
  const { connections, log, lookMs = 10_000, patience = defaultPatience } = options
  const pool = workerPool(connections, log)
  const worker = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const troubles = makeTroubleLog(log)
  const ending = new AbortController()
  let working: Promise<void> | undefined

  const listFor = (now: () => Date, onEnd?: RunningTask['onEnd']): TaskList =>
    runnable(options.tasks, { worker, log, now, toolsFor: options.toolsFor, ...(onEnd && { onEnd }) })

  return {
    start() {
      working ??= keepWorking({
        ...options,
        pool,
        troubles,
        lookMs,
        patience,
        tasks: listFor(() => new Date(), options.onEnd),
        end: ending.signal,
      })
    },
    async drain({ now = () => new Date() } = {}) {
      const outcome = { done: [] as string[], failed: [] as string[] }
      const tasks = listFor(now, (task, error) => (error === undefined ? outcome.done : outcome.failed).push(task))
      await drainQueue(pool, log, tasks)
      return outcome
    },
    async retryDead() {
      const { rowCount } = await pool.query(
        `select graphile_worker.reschedule_jobs(array_agg(id), run_at => now(), attempts => 0) from graphile_worker._private_jobs
         where ${isDead} and locked_at is null having count(*) > 0`,
      )
      return rowCount ?? 0
    },
    async stop() {
      ending.abort()
      await working
      await Promise.race([worker.destroy(), delay(1_000, undefined, { ref: false })])
    },
  }
}

function workerPool(connections: Pick<Connections, 'forRole'>, log: Log): pg.Pool {
  const pool = new pg.Pool({
    ...connections.forRole('kitaab_worker'),
    max: concurrency + otherConnections,
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  })
  pool.on('error', (error) => log.debug({ err: error }, 'an idle connection of the worker was lost'))
  // Whoever uses it gets the error of the statement; without a listener the process would end.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

interface Working {
  readonly pool: pg.Pool
  readonly log: Log
  readonly troubles: TroubleLog
  readonly tasks: TaskList
  readonly schedules: readonly Schedule[]
  readonly lookMs: number
  readonly patience: typeof defaultPatience
  readonly end: AbortSignal
}

/** Works until the end is asked for; what breaks the library's own work is told once, and it begins anew. */
async function keepWorking(options: Working): Promise<void> {
  const { troubles, end } = options
  for (let wait = firstRetryMs; !end.aborted; wait = Math.min(wait * 2, longestRetryMs)) {
    try {
      await workOnce(options)
      wait = firstRetryMs
    } catch (error) {
      troubles.trouble(error)
    }
    await delay(wait, undefined, { signal: end }).catch(() => {})
  }
}

async function workOnce({ pool, log, troubles, tasks, schedules, lookMs, patience, end }: Working): Promise<void> {
  const events = watchedEvents(troubles)
  let taking: WorkerPool | undefined
  events.on('pool:create', ({ workerPool }) => {
    taking = workerPool
  })
  const runner = await run({
    ...settings(pool, log, patience),
    events,
    concurrency,
    taskList: tasks,
    parsedCronItems: parseCronItems(schedules.map(cronItem)),
  })
  const life = beginLife(pool, taking?.id ?? '')
  const broken = runner.promise.catch((error: unknown) => error)
  const looking = new AbortController()
  const looks = lookForDead(life, { log, troubles, lookMs, signal: looking.signal })
  try {
    await askAtStart(runner, schedules)
    const asked = new Promise<null>((resolve) => {
      if (end.aborted) resolve(null)
      else end.addEventListener('abort', () => resolve(null), { once: true })
    })
    const error = await Promise.race([asked, broken])
    if (error) throw error
  } finally {
    await stopRunner(runner, taking, log, patience)
    looking.abort()
    await looks
    life.end()
  }
}

function settings(pool: pg.Pool, log: Log, patience: typeof defaultPatience = defaultPatience) {
  return {
    pgPool: pool,
    logger: libraryLogger(log),
    noHandleSignals: true,
    gracefulShutdownAbortTimeout: patience.abortMs,
    // In batches a job that can't be reported as done ends the run; one by one it would be a rejection that nobody handles.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  }
}

/** One waits at most, and one runs: what was missed while nobody worked is done once. */
function cronItem({ task, cron }: Schedule) {
  return {
    task,
    match: cron,
    identifier: task,
    options: { queueName: task, jobKey: `${task}:schedule`, maxAttempts: 5 },
  }
}

async function askAtStart(runner: Runner, schedules: readonly Schedule[]): Promise<void> {
  for (const { task, atStart } of schedules)
    if (atStart) await runner.addJob(task, {}, { queueName: task, jobKey: `${task}:schedule`, maxAttempts: 5 })
}

interface Looking {
  readonly log: Log
  readonly troubles: TroubleLog
  readonly lookMs: number
  readonly signal: AbortSignal
}

async function lookForDead(life: Life, { log, troubles, lookMs, signal }: Looking): Promise<void> {
  while (!signal.aborted) {
    try {
      const dead = await life.look()
      if (dead.length > 0) log.warn({ workers: dead.length }, 'jobs of workers that died are taken again')
    } catch (error) {
      troubles.trouble(error)
    }
    await delay(lookMs, undefined, { signal }).catch(() => {})
  }
}

/** Lets jobs end; aborts their signals after a while, and at last puts them back whatever they do. */
async function stopRunner(
  runner: Runner,
  taking: WorkerPool | undefined,
  log: Log,
  { giveUpMs }: typeof defaultPatience,
): Promise<void> {
  const stopped = runner.stop().catch(() => {})
  const isLate = await Promise.race([stopped.then(() => false), delay(giveUpMs, true, { ref: false })])
  if (!isLate) return
  log.warn('jobs that do not end are put back')
  const putBack = Promise.resolve(taking?.forcefulShutdown('the worker ended')).catch(() => {})
  await Promise.race([putBack, delay(2_000, undefined, { ref: false })])
}

/** Until a run finds nothing to do. */
async function drainQueue(pool: pg.Pool, log: Log, tasks: TaskList): Promise<void> {
  const client = await pool.connect()
  try {
    const run = runTaskListOnce(settings(pool, log), tasks, oneQueryAtATime(client))
    const life = beginLife(pool, run.id)
    await life.look()
    await run.promise.finally(() => life.end())
  } finally {
    client.release()
  }
}
