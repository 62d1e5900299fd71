import type { FastifyRequest } from 'fastify'
import type { AskedDirectly } from '../graphql/direct-answers.ts'

/** A request of the plainest form, and the type in which its sender takes the answer. */
export interface DirectRequest {
  readonly asked: AskedDirectly
  readonly contentType: string
}

const jsonTypes = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8'])

const json = 'application/json; charset=utf-8'
const graphqlJson = 'application/graphql-response+json; charset=utf-8'
/** What most clients send, and what Apollo makes of it; with any other it is asked itself. */
const answerTypes = new Map<string | undefined, string>([
  [undefined, json],
  ['*/*', json],
  ['application/json', json],
  ['application/graphql-response+json', graphqlJson],
  ['application/graphql-response+json, application/json;q=0.9', graphqlJson],
  ['application/graphql-response+json,application/json;q=0.9', graphqlJson],
])

/** What a POST of JSON asks, where it is of the form that GraphQL over HTTP has for it; null leaves it to Apollo to answer or refuse. */
export function directRequestOf({ method, headers, body }: FastifyRequest): DirectRequest | null {
  if (method !== 'POST' || !jsonTypes.has(headers['content-type'] ?? '') || !isRecord(body)) return null
  const contentType = answerTypes.get(headers.accept)
  const { query, operationName = null, variables = null, extensions = null } = body
  if (contentType === undefined || typeof query !== 'string' || extensions !== null) return null
  if (operationName !== null && typeof operationName !== 'string') return null
  if (variables !== null && !isRecord(variables)) return null
  return { asked: { query, operationName, variables: variables ?? {} }, contentType }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
}
