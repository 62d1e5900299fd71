import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Cache } from '../cache/cache.ts'
import type { DatabaseUsage } from '../database/databases.ts'
import type { QueueState } from '../jobs/queue-state.ts'

/** Where the figures come from that are asked for, and not counted as they happen. */
export interface Watched {
  /** Requests to this route are counted. */
  readonly http: FastifyInstance
  readonly route: string
  usage(): DatabaseUsage
  readonly cache: Pick<Cache, 'stats'> | null
  /** Rejects where the queue can not be asked. */
  queue(): Promise<QueueState>
}

/**
 * What the service tells of itself, in the text format of Prometheus. No label holds what a client sent: an operation goes by the field that it
 * asks of the root, of which the schema has so many, and a failure by its code.
 */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  onExecution(engine: 'compiled' | 'graphql-js'): void
  onJobEnd(task: string, error?: unknown): void
  watch(watched: Watched): void
}

/** In seconds. */
const latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function makeMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const executions = new Counter({
    name: 'kitaab_executions_total',
    help: 'Operations that were executed, by the engine that did it.',
    labelNames: ['engine'] as const,
    registers,
  })
  const jobs = new Counter({
    name: 'kitaab_jobs_total',
    help: 'Jobs that this process did, by task and outcome (done, failed).',
    labelNames: ['task', 'outcome'] as const,
    registers,
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    onExecution: (engine) => executions.inc({ engine }),
    onJobEnd: (task, error) => jobs.inc({ task, outcome: error === undefined ? 'done' : 'failed' }),
    watch(watched) {
      watchRequests(watched, registers)
      watchDatabase(watched, registers)
      watchCache(watched, registers)
      watchQueue(watched, registers)
    },
  }
}

function watchRequests({ http, route }: Watched, registers: Registry[]): void {
  const requests = new Counter({
    name: 'kitaab_requests_total',
    help: 'GraphQL requests, by what they ask of the root, and by how they ended: OK, the first error code, or the HTTP status.',
    labelNames: ['operation', 'code'] as const,
    registers,
  })
  const seconds = new Histogram({
    name: 'kitaab_request_seconds',
    help: 'How long GraphQL requests took, from their first byte to the last one of the answer.',
    labelNames: ['operation'] as const,
    buckets: latencies,
    registers,
  })
  http.addHook('onResponse', async ({ routeOptions, notes }, reply) => {
    if (routeOptions.url !== route) return
    const operation = notes.field ?? 'none'
    const code = notes.codes?.[0] ?? (reply.statusCode < 400 ? 'OK' : `HTTP_${reply.statusCode}`)
    requests.inc({ operation, code })
    seconds.observe({ operation }, reply.elapsedTime / 1000)
  })
}

function watchDatabase({ usage }: Watched, registers: Registry[]): void {
  new Gauge({
    name: 'kitaab_pool_connections',
    help: 'Connections of a pool, by state: open, idle; waiting: requests that wait for one.',
    labelNames: ['pool', 'state'] as const,
    registers,
    collect() {
      for (const [pool, states] of Object.entries(usage().pools))
        for (const [state, count] of Object.entries(states)) this.set({ pool, state }, count)
    },
  })
  new Gauge({
    name: 'kitaab_reads_in_flight',
    help: 'Statements of pipelined reads that were sent and not answered.',
    registers,
    collect() {
      this.set(usage().readsInFlight)
    },
  })
}

function watchCache({ cache }: Watched, registers: Registry[]): void {
  if (cache === null) return
  const events = ['hits', 'misses', 'joined', 'stores', 'errors'] as const
  new Counter({
    name: 'kitaab_cache_events_total',
    help: 'Kept answers: hits, misses, joined (answered by what another request was computing), stores, errors of the store.',
    labelNames: ['event'] as const,
    registers,
    collect() {
      const stats = cache.stats()
      this.reset()
      for (const event of events) this.inc({ event }, stats[event])
    },
  })
  new Counter({
    name: 'kitaab_cache_hit_age_seconds_total',
    help: 'The age of the answers that hits gave, added up: over the hits it is their mean age.',
    registers,
    collect() {
      this.reset()
      this.inc(cache.stats().hitAgeMs / 1000)
    },
  })
  new Gauge({
    name: 'kitaab_cache_bytes',
    help: 'The size of what this process keeps; nothing where Redis keeps it.',
    registers,
    collect() {
      this.set(cache.stats().size?.bytes ?? 0)
    },
  })
}

/** One question to the database for all three; what it did not answer is told as not known. */
function watchQueue({ queue }: Watched, registers: Registry[]): void {
  let asked: Promise<QueueState | null> | null = null
  const gauge = (name: string, help: string, figure: (state: QueueState) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        asked ??= queue()
          .catch(() => null)
          .finally(() => {
            asked = null
          })
        const state = await asked
        this.set(state === null ? Number.NaN : figure(state))
      },
    })
  gauge('kitaab_jobs_overdue', 'Jobs whose time has come and that nobody took yet.', ({ overdue }) => overdue)
  gauge('kitaab_jobs_overdue_seconds', 'How long the first of them has been waiting.', ({ overdueSince }) =>
    overdueSince === null ? 0 : Math.max(0, (Date.now() - Date.parse(overdueSince)) / 1000),
  )
  gauge('kitaab_tasks_dead', 'Tasks with jobs that nobody tries again.', ({ dead }) => dead.length)
}
