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
  isDraining(): boolean
  /**
   * Keeps all of it or nothing; answers its length in bytes. The token in the address is all that says who may. `bytes` is what
   * its sender says.
   */
  receive(
    sent: { token: string; content: AsyncIterable<Uint8Array>; bytes: number | null },
    request: { requestId: string; ip: string; signal: AbortSignal },
  ): Promise<number>
  /** How long nothing may come of a file that is under way; by default half a minute. */
  readonly idleMs?: number
}

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAVAILABLE: 503,
}
/** A slow line may take its time, as long as it goes on. */
const uploadTimeoutMs = 6 * 60 * 60 * 1000
const defaultIdleMs = 30_000

/** `PUT` or `POST /uploads/...`: a file, as it is, whatever its type. */
export async function uploadRoute(app: FastifyInstance, options: UploadRouteOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  // Nothing of it is held: the stream is handed on.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  // A parameter may have no more than 100 characters.
  app.route<{ Params: { '*': string } }>({
    method: ['PUT', 'POST'],
    url: `${uploadsPath}/*`,
    async handler(request, reply) {
      reply.header('cache-control', 'no-store')
      if (options.isDraining()) throw unavailable('This server is shutting down. Send it again.')
      const { signal } = startDeadline(reply, uploadTimeoutMs)
      const declared = request.headers['content-length']
      const sent = {
        token: request.params['*'],
        content: whileItGoesOn((request.body ?? request.raw) as Readable, options.idleMs ?? defaultIdleMs),
        bytes: declared === undefined ? null : Number(declared),
      }
      const bytes = await options.receive(sent, { requestId: request.id, ip: request.ip, signal })
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

/** What comes in. Rejects with UNAVAILABLE when nothing did for so long; while what came is being stored, nobody waits. */
async function* whileItGoesOn(content: AsyncIterable<Uint8Array>, idleMs: number): AsyncGenerator<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]()
  for (;;) {
    const { promise: idle, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(stalled(idleMs)), idleMs)
    const next = await Promise.race([pieces.next(), idle]).finally(() => clearTimeout(timer))
    if (next.done) return
    yield next.value
  }
}

function stalled(idleMs: number): GraphQLError {
  return unavailable(`Nothing came for ${idleMs / 1000} s: nothing is kept. Send the file again.`)
}
