import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../graphql/caller.ts'
import { badUserInput, internal, requestRateLimited, unavailable } from '../graphql/errors.ts'
import type { CallerContext } from '../graphql/request-plugin.ts'
import { authenticate, type VerifyAccessToken } from './authentication.ts'
import { type Budgets, rateLimitHeaders } from './budgets.ts'
import { cookiesOf } from './cookies.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { sendError } from './error-answers.ts'

export const graphqlPath = '/graphql'

export interface GraphqlRouteOptions<Context extends CallerContext> {
  readonly server: ApolloServer<Context>
  readonly budgets: Budgets
  readonly operationTimeoutMs: number
  readonly verifyAccessToken: VerifyAccessToken
  makeContext(caller: Caller): Context
  isDraining(): boolean
}

/** What the route's first hook finds out, for its handler. */
interface Admission {
  readonly caller: Caller
  readonly deadline: Deadline
}

const admissions = new WeakMap<FastifyRequest, Admission>()

/** `/graphql`: who asks and what they may spend is settled before the body is read. */
export function addGraphqlRoute<Context extends CallerContext>(
  app: FastifyInstance,
  options: GraphqlRouteOptions<Context>,
): void {
  const answer = fastifyApolloHandler<Context>(options.server, {
    context: async (request) => contextFor(request as never, options),
  })
  app.route({
    method: ['GET', 'POST'],
    url: graphqlPath,
    exposeHeadRoute: false,
    onRequest: (request, reply) => admit(request, reply, options),
    handler: (request, reply) =>
      Promise.race([answer.call(app, request as never, reply as never), admissionOf(request).deadline.passed]),
  })
  app.route({
    method: ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: graphqlPath,
    handler: (request, reply) =>
      sendError(
        request,
        reply.header('allow', 'GET, POST'),
        badUserInput('GraphQL is asked by POST, or by GET for queries.'),
        405,
      ),
  })
}

/** Apollo would answer a failure here without saying so to the log. */
function contextFor<Context extends CallerContext>(request: FastifyRequest, options: GraphqlRouteOptions<Context>) {
  try {
    return options.makeContext(admissionOf(request).caller)
  } catch (error) {
    request.log.error({ err: error }, 'a context could not be made')
    throw internal(request.id)
  }
}

async function admit<Context extends CallerContext>(
  request: FastifyRequest,
  reply: FastifyReply,
  { budgets, verifyAccessToken, operationTimeoutMs, isDraining }: GraphqlRouteOptions<Context>,
): Promise<void> {
  reply.header('cache-control', 'no-store')
  if (isDraining()) throw unavailable('This server is shutting down. Send it again.')
  const { viewer, refusal } = await authenticate(request.headers, verifyAccessToken)
  const deadline = startDeadline(reply, operationTimeoutMs)
  const caller: Caller = {
    requestId: request.id,
    ip: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 500) ?? null,
    viewer,
    refusal,
    signal: deadline.signal,
    cookies: cookiesOf(request, reply),
    notes: request.notes,
    spend: async (points) => {
      const balance = await budgets.take({ viewer, ip: request.ip }, points)
      reply.headers(rateLimitHeaders(balance))
      if (balance.exceeded)
        throw requestRateLimited(
          `More than ${balance.quota} cost points in a minute. Try again in ${balance.resetSeconds} s.`,
          balance.resetSeconds,
        )
    },
  }
  admissions.set(request, { caller, deadline })
  await caller.spend(1)
}

function admissionOf(request: FastifyRequest): Admission {
  const admission = admissions.get(request)
  if (!admission) throw new Error('A request reached its handler without passing the first hook.')
  return admission
}
