import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { OperationNotes } from '../graphql/caller.ts'
import type { Limits } from '../graphql/limits.ts'
import { flatLog, type Log } from '../log.ts'
import { watchArrivals } from './arrivals.ts'
import { answerClientError } from './client-errors.ts'
import { errorHandler, sendNotFound } from './error-answers.ts'
import { requestIdHeader, requestIdOf } from './request-id.ts'
import { lazyRequestLog } from './request-log.ts'
import { type Headers, securityHeaders } from './security-headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request's log line says about its operation. */
    notes: OperationNotes
  }
}

export interface HttpOptions {
  readonly log: Log
  readonly limits: Limits
  /** Origins of pages that may ask from a browser, with cookies; from others it can't be read. */
  readonly corsOrigins: readonly string[]
  /** How many proxies in front of the service write `X-Forwarded-For`; 0 = it is not believed. */
  readonly trustedProxies: number
  isDraining(): boolean
  /** How long a request may take to arrive; by default 20 s. */
  readonly arrivalMs?: number
}

/**
 * Longest that a client may take for its headers, and for its whole request: slow ones hold a connection no longer. A file that is sent
 * has a limit of its own: so the second one is kept here, by request, and not by Node, for all of them.
 */
const headersTimeoutMs = 10_000
const defaultArrivalMs = 20_000
/** How often Node looks for those that took too long. */
const connectionsCheckMs = 2_000
const keepAliveMs = 65_000
const headerBytes = 16 * 1024
const preflightSeconds = 600

/** Fastify with what every route shares: request ids, one log line each, security headers, CORS, errors shaped like GraphQL's. */
export async function makeHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    // One line per request is written below, by ourselves.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: options.limits.bodyBytes,
    trustProxy: (_address, hop) => hop < options.trustedProxies,
    genReqId: requestIdOf,
    childLoggerFactory: (log, bindings, options) => lazyRequestLog(log, bindings, options),
    requestIdHeader: false,
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    // Draining is told by our own hooks, in GraphQL's shape.
    return503OnClosing: false,
    http: {
      maxHeaderSize: headerBytes,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: connectionsCheckMs,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: errorHandler(options.limits),
  })
  // Nothing here is asked in plain text, which any page could have a browser send.
  app.removeContentTypeParser('text/plain')
  addRequestHooks(app, options, await securityHeaders())
  await addCors(app, options)
  await app.register(cookie)
  app.setErrorHandler(errorHandler(options.limits))
  app.setNotFoundHandler(sendNotFound)
  return app
}

function addRequestHooks(app: FastifyInstance, options: HttpOptions, headers: Headers): void {
  const { isDraining, log, arrivalMs = defaultArrivalMs } = options
  const requests = flatLog(log)
  const arrivals = watchArrivals(arrivalMs)
  app.addHook('onClose', async () => arrivals.stop())
  app.decorateRequest('notes', null as never)
  app.addHook('onRequest', (request, reply, done) => {
    request.notes = {}
    reply.headers(headers).header(requestIdHeader, request.id)
    arrivals.begun(request.raw)
    done()
  })
  // By now the body was read, or is handed on piece by piece to whom it is for.
  app.addHook('preValidation', (request, _reply, done) => {
    arrivals.ended(request.raw)
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    // What is still under way while the server drains is answered, and its connection closed after it.
    if (isDraining()) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    arrivals.ended(request.raw)
    // No names, addresses, variables or ids of people: the audit log finds them by the request's id.
    const { method, notes } = request
    const route = request.routeOptions.url ?? 'unknown'
    const { operation, field, cost, rows, codes } = notes
    const noted = { operation, field, cost, rows, codes }
    const ms = Math.round(reply.elapsedTime)
    requests.info({ requestId: request.id, method, route, status: reply.statusCode, ms, ...noted }, 'request')
    done()
  })
}

async function addCors(app: FastifyInstance, { corsOrigins }: HttpOptions): Promise<void> {
  if (corsOrigins.length === 0) return
  await app.register(cors, {
    origin: [...corsOrigins],
    credentials: true,
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type', 'apollo-require-preflight', requestIdHeader],
    exposedHeaders: ['ratelimit', 'ratelimit-policy', 'retry-after', requestIdHeader],
    maxAge: preflightSeconds,
  })
}
