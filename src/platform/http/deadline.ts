import type { FastifyReply } from 'fastify'
import { unavailable } from '../graphql/errors.ts'

export interface Deadline {
  /** Aborted at the deadline, and when the client leaves before its answer. */
  readonly signal: AbortSignal
  /** Rejects with UNAVAILABLE a little after the deadline, when nobody has heeded the signal; never resolves. */
  readonly passed: Promise<never>
}

/** What stops at the signal has this long to say so in an answer of its own. */
const graceMs = 500

/** Watches one request. Listens on the reply: on the socket, listeners would pile up over a connection's many requests. */
export function startDeadline(reply: FastifyReply, timeoutMs: number): Deadline {
  const controller = new AbortController()
  const { promise: passed, reject } = Promise.withResolvers<never>()
  passed.catch(() => {})
  let timer = setTimeout(() => {
    const tooLong = unavailable(`This took longer than ${timeoutMs / 1000} s and was stopped. Ask for less.`, {
      reason: 'STATEMENT_TIMEOUT',
    })
    controller.abort(tooLong)
    timer = setTimeout(() => reject(tooLong), graceMs)
  }, timeoutMs)
  reply.raw.once('close', () => {
    clearTimeout(timer)
    if (!reply.raw.writableFinished) controller.abort(unavailable('The client left.'))
  })
  return { signal: controller.signal, passed }
}
