import type { IncomingHttpHeaders } from 'node:http'
import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../graphql/caller.ts'
import type { AnswerDirectly } from '../graphql/direct-answers.ts'
import { badUserInput, internal, unavailable } from '../graphql/errors.ts'
import type { CallerContext } from '../graphql/operation-checks.ts'
import { type AdmissionOptions, admissionOf, admit } from './admission.ts'
import { directRequestOf } from './direct-requests.ts'
import { notJson, sendError } from './error-answers.ts'

export const graphqlPath = '/graphql'

export interface GraphqlRouteOptions<Context extends CallerContext> extends AdmissionOptions {
  readonly server: ApolloServer<Context>
  makeContext(caller: Caller): Context
  /** Answers what Apollo has seen before; what it leaves goes to Apollo. */
  readonly answerDirectly?: AnswerDirectly<Context>
  /** How many requests are worked on at once; what comes on top is told to come again. */
  readonly mostAtOnce?: number | undefined
}

/**
 * Enough to keep every connection to the database busy, few enough that each is answered in time: beyond what a process carries, more at once
 * only makes all of them late. Counted from when a body is there, so that clients that dawdle over theirs take no place.
 */
const defaultMostAtOnce = 200

/** `/graphql`: who asks and what they may spend is settled before the body is read. */
export function addGraphqlRoute<Context extends CallerContext>(
  app: FastifyInstance,
  options: GraphqlRouteOptions<Context>,
): void {
  const byApollo = fastifyApolloHandler<Context>(options.server, {
    context: async (request) => contextFor(request as never, options),
  })
  const answer = (request: FastifyRequest, reply: FastifyReply) =>
    answeredDirectly(request, reply, options) ?? byApollo.call(app, request as never, reply as never)
  const door = makeDoor(options.mostAtOnce ?? defaultMostAtOnce)
  app.route({
    method: ['GET', 'POST'],
    url: graphqlPath,
    exposeHeadRoute: false,
    onRequest: async (request, reply) => {
      // Whom it would turn away after all their work, it turns away before any.
      door.refuseIfFull()
      return admit(request, reply, options)
    },
    handler: (request, reply) => {
      if (!couldOnlyBeMeant(request.headers)) return refuseUnmeant(request, reply)
      door.enter(reply)
      return Promise.race([answer(request, reply), admissionOf(request).deadline.passed])
    },
  })
  app.route({
    method: ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: graphqlPath,
    handler: (request, reply) =>
      sendError(
        request,
        reply.header('allow', 'GET, POST'),
        badUserInput('GraphQL is asked by POST with `Content-Type: application/json`.', { reason: 'INVALID_REQUEST' }),
        405,
      ),
  })
}

/** What a form, or the address bar, may send for any page; and the headers that only a script which may ask us can set. */
const unmeantTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']
const headersOfScripts = ['apollo-require-preflight', 'x-apollo-operation-name']

/** Apollo refuses the same, in words for those who know what CSRF is. */
function couldOnlyBeMeant(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type && !unmeantTypes.includes(type)) return true
  return headersOfScripts.some((name) => headers[name])
}

function refuseUnmeant(request: FastifyRequest, reply: FastifyReply) {
  if (request.method === 'POST') return sendError(request, reply, notJson(), 415)
  const message =
    'Send a POST with `Content-Type: application/json` and a JSON object with `query`; a GET is answered with the header `Apollo-Require-Preflight: true` alone.'
  return sendError(request, reply, badUserInput(message, { reason: 'INVALID_REQUEST' }), 400)
}

/** The text of the answer, status and headers set; null where Apollo is to give it. */
function answeredDirectly<Context extends CallerContext>(
  request: FastifyRequest,
  reply: FastifyReply,
  options: GraphqlRouteOptions<Context>,
): Promise<string> | null {
  const direct = options.answerDirectly && directRequestOf(request)
  const answered = direct && options.answerDirectly?.(direct.asked, () => contextFor(request, options))
  if (!answered) return null
  return answered.then(({ status, headers, text }) => {
    for (const [name, value] of headers) reply.header(name, value)
    reply.code(status).header('content-type', direct.contentType)
    return text
  })
}

/** Both throw UNAVAILABLE while as many are inside as may be; a request leaves with its answer, or when its client does. */
function makeDoor(most: number) {
  let inside = 0
  const refuseIfFull = () => {
    if (inside >= most) throw unavailable('Too many are asking at once. Nothing was done; try again shortly.')
  }
  return {
    refuseIfFull,
    enter(reply: FastifyReply) {
      refuseIfFull()
      inside += 1
      reply.raw.once('close', () => {
        inside -= 1
      })
    },
  }
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
