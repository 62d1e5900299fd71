import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../graphql/caller.ts'
import { badUserInput, internal, unavailable } from '../graphql/errors.ts'
import type { CallerContext } from '../graphql/request-plugin.ts'
import { type AdmissionOptions, admissionOf, admit } from './admission.ts'
import { sendError } from './error-answers.ts'

export const graphqlPath = '/graphql'

export interface GraphqlRouteOptions<Context extends CallerContext> extends AdmissionOptions {
  readonly server: ApolloServer<Context>
  makeContext(caller: Caller): Context
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
  const answer = fastifyApolloHandler<Context>(options.server, {
    context: async (request) => contextFor(request as never, options),
  })
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
      door.enter(reply)
      return Promise.race([answer.call(app, request as never, reply as never), admissionOf(request).deadline.passed])
    },
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
