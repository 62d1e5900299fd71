import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from '../graphql/caller.ts'
import { badUserInput, internal } from '../graphql/errors.ts'
import type { CallerContext } from '../graphql/request-plugin.ts'
import { type AdmissionOptions, admissionOf, admit } from './admission.ts'
import { sendError } from './error-answers.ts'

export const graphqlPath = '/graphql'

export interface GraphqlRouteOptions<Context extends CallerContext> extends AdmissionOptions {
  readonly server: ApolloServer<Context>
  makeContext(caller: Caller): Context
}

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
