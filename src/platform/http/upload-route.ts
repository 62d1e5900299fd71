import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import { unavailable } from '../graphql/errors.ts'
import type { Limits } from '../graphql/limits.ts'
import { startDeadline } from './deadline.ts'
import { errorHandler, sendError } from './error-answers.ts'

export const uploadsPath = '/uploads'

export interface UploadRouteOptions {
  readonly limits: Limits
  readonly mostBytes: number
  isDraining(): boolean
  /** Keeps all of it or nothing; answers its length in bytes. The token in the address is all that says who may. */
  receive(
    token: string,
    content: Readable,
    request: { requestId: string; ip: string; signal: AbortSignal },
  ): Promise<number>
  /** What is refused because of its `content-length`. */
  tooLarge(): GraphQLError
}

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAVAILABLE: 503,
}
const uploadTimeoutMs = 300_000

/** `PUT /uploads/...`: a file, as it is, whatever its type. */
export async function uploadRoute(app: FastifyInstance, options: UploadRouteOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  // Nothing of it is held: the stream is handed on.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  // A parameter may have no more than 100 characters.
  app.put<{ Params: { '*': string } }>(`${uploadsPath}/*`, {
    async handler(request, reply) {
      reply.header('cache-control', 'no-store')
      if (options.isDraining()) throw unavailable('This server is shutting down. Send it again.')
      if (Number(request.headers['content-length'] ?? 0) > options.mostBytes) throw options.tooLarge()
      const { signal } = startDeadline(reply, uploadTimeoutMs)
      const content = (request.body ?? request.raw) as Readable
      const bytes = await options.receive(request.params['*'], content, {
        requestId: request.id,
        ip: request.ip,
        signal,
      })
      return reply.code(201).send({ bytes })
    },
    errorHandler(error, request: FastifyRequest, reply) {
      // What was not read of the body would be taken for the next request.
      reply.header('connection', 'close')
      const status = error instanceof GraphQLError ? statuses[String(error.extensions.code)] : undefined
      if (error instanceof GraphQLError && status !== undefined) return sendError(request, reply, error, status)
      return errorHandler(options.limits)(error, request, reply)
    },
  })
}
