import helmet from '@fastify/helmet'
import Fastify from 'fastify'

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>

/** What helmet puts on every answer, asked once: it would make the same headers anew for each. Pages put their own policy in place of this one. */
export async function securityHeaders(): Promise<Headers> {
  const probe = Fastify()
  await probe.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  })
  const seen: Record<string, string> = {}
  probe.get('/', async (_request, reply) => {
    for (const [name, value] of Object.entries(reply.raw.getHeaders())) seen[name] = String(value)
    return ''
  })
  await probe.inject('/')
  await probe.close()
  return seen
}
