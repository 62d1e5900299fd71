import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../graphql/caller.ts'
import { requestRateLimited, unavailable } from '../graphql/errors.ts'
import { authenticate, type VerifyAccessToken } from './authentication.ts'
import { type Budgets, rateLimitHeaders } from './budgets.ts'
import { cookiesOf } from './cookies.ts'
import { type Deadline, startDeadline } from './deadline.ts'

export interface AdmissionOptions {
  readonly budgets: Budgets
  readonly operationTimeoutMs: number
  readonly verifyAccessToken: VerifyAccessToken
  isDraining(): boolean
}

/** What a route's first hook finds out, for its handler. */
export interface Admission {
  readonly caller: Caller
  readonly deadline: Deadline
}

const admissions = new WeakMap<FastifyRequest, Admission>()

/** Settles who asks and what they may spend, before the body is read; takes the first point. */
export async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { budgets, verifyAccessToken, operationTimeoutMs, isDraining }: AdmissionOptions,
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

export function admissionOf(request: FastifyRequest): Admission {
  const admission = admissions.get(request)
  if (!admission) throw new Error('A request reached its handler without passing the first hook.')
  return admission
}
