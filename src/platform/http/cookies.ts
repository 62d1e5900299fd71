import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../graphql/caller.ts'

/** The cookies of a request, and those of its answer. A `__Host-` name needs exactly these attributes. */
export function cookiesOf(request: FastifyRequest, reply: FastifyReply): Cookies {
  const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const
  return {
    get: (name) => request.cookies[name] ?? null,
    set: (name, value, lifetimeSeconds) =>
      void reply.setCookie(name, value, { ...attributes, maxAge: lifetimeSeconds }),
    clear: (name) => void reply.clearCookie(name, attributes),
  }
}
