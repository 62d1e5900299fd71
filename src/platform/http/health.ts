import type { FastifyInstance } from 'fastify'

/** How long the database has to answer before the service counts as unable to serve. */
const patienceMs = 1_000

export interface Health {
  /** Asks the database something; rejects while it can't be reached. */
  ping(): Promise<void>
  isDraining(): boolean
}

/** `/healthz`: the process lives. `/readyz`: it can serve, by asking the database; 503 when it can't, and while it drains. */
export function addHealth(app: FastifyInstance, { ping, isDraining }: Health): void {
  app.get('/healthz', { logLevel: 'silent' }, async () => ({ status: 'alive' }))
  app.get('/readyz', { logLevel: 'silent' }, async (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining' })
    const isReady = await answersInTime(ping)
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'unavailable' })
  })
}

async function answersInTime(ping: () => Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), patienceMs)
  ping().then(
    () => resolve(true),
    () => resolve(false),
  )
  return promise.finally(() => clearTimeout(timer))
}
