import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { Cache } from './platform/cache/cache.ts'
import type { Connections } from './platform/database/connections.ts'
import type { Databases } from './platform/database/databases.ts'
import { graphqlPath } from './platform/http/graphql-route.ts'
import { queueState } from './platform/jobs/queue-state.ts'
import type { Log } from './platform/log.ts'
import type { Metrics } from './platform/metrics/metrics.ts'
import type { MetricsServer } from './platform/metrics/metrics-server.ts'

export interface ServiceMetrics extends Metrics, MetricsServer {}

interface Served {
  readonly http: FastifyInstance
  readonly databases: Databases
  readonly cache: Cache | null
  readonly connections: Connections
  readonly log: Log
}

/** Null where nobody asked for metrics: then nothing is counted, and nothing loaded. Before routes are added to `http`. */
export async function openMetrics(
  { metricsPort, metricsHost }: Config,
  { http, databases, cache, connections, log }: Served,
): Promise<ServiceMetrics | null> {
  if (metricsPort === null) return null
  const { makeMetrics } = await import('./platform/metrics/metrics.ts')
  const { makeMetricsServer } = await import('./platform/metrics/metrics-server.ts')
  const metrics = makeMetrics()
  const queue = () => queueState(connections)
  metrics.watch({ http, route: graphqlPath, usage: databases.usage, cache, queue })
  return { ...metrics, ...makeMetricsServer(metrics, { host: metricsHost, port: metricsPort, log }) }
}
