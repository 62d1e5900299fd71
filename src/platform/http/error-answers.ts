import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { answerFor } from '../graphql/answer-errors.ts'
import { badUserInput, notFound, queryTooCostly } from '../graphql/errors.ts'
import type { Limits } from '../graphql/limits.ts'
import { outageOf } from '../graphql/outages.ts'

/**
 * Answers what Fastify refuses (a body that is no JSON or too large, an unknown path), and what hooks throw, the way GraphQL
 * answers errors. What is no refusal is logged, and masked unless it is an outage (ERR-3).
 */
export function errorHandler(limits: Limits) {
  return (error: FastifyError | GraphQLError, request: FastifyRequest, reply: FastifyReply) => {
    const known = error instanceof GraphQLError ? error : refusalFor(error, request, limits)
    if (known) return sendError(request, reply, known, 'statusCode' in error ? error.statusCode : undefined)
    request.log.error({ err: error }, 'a request failed')
    const shown = outageOf(error) ?? new GraphQLError(error.message, { originalError: error })
    return sendError(request, reply, shown, 500)
  }
}

const invalidRequest = { reason: 'INVALID_REQUEST' }

/** For a body of another type, or of none: a page of another site could have a browser send those (CSRF). */
export function notJson() {
  return badUserInput(
    'Send a POST with `Content-Type: application/json` and a JSON object as its body.',
    invalidRequest,
  )
}

/** 404 for a path that is not served. */
export function sendNotFound(request: FastifyRequest, reply: FastifyReply) {
  return sendError(request, reply, notFound('There is nothing at this address; GraphQL is at /graphql.'), 404)
}

/** Sends one error as a GraphQL answer; its `extensions.http` says status and headers, else `status`, else 400. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: GraphQLError, status = 400) {
  const http = error.extensions.http as { status?: number; headers?: ReadonlyMap<string, string> } | undefined
  for (const [name, value] of http?.headers ?? []) reply.header(name, value)
  const { error: answer } = answerFor(error, request.id)
  noteCode(request, answer)
  const wantsResponse = request.headers.accept?.includes('application/graphql-response+json')
  return reply
    .code(http?.status ?? status)
    .type(`application/${wantsResponse ? 'graphql-response+json' : 'json'}; charset=utf-8`)
    .send(JSON.stringify({ errors: [answer] }))
}

function noteCode(request: FastifyRequest, answer: GraphQLFormattedError) {
  // A path that can't be read is refused before any hook of ours has run.
  request.notes ??= {}
  request.notes.codes = [String(answer.extensions?.code)]
}

function refusalFor(error: FastifyError, request: FastifyRequest, limits: Limits): GraphQLError | null {
  if (error.statusCode === undefined || error.statusCode < 400 || error.statusCode >= 500) return null
  if (error.statusCode === 413) {
    const asked = Number(request.headers['content-length']) || limits.bodyBytes + 1
    const message = `The body has ${asked} bytes; at most ${limits.bodyBytes} are allowed.`
    return queryTooCostly(message, { limit: 'BODY', allowed: limits.bodyBytes, asked }, 413)
  }
  if (error.statusCode === 415) return notJson()
  if (error.statusCode === 400 && request.headers['content-type']?.includes('json'))
    return badUserInput('The body is not a JSON object that can be read.', invalidRequest)
  return badUserInput(error.message, invalidRequest)
}
