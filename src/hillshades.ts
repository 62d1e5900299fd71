import type { FastifyInstance } from 'fastify'
import { conflict, notFound } from './platform/graphql/errors.ts'
import { sendError } from './platform/http/error-answers.ts'
import { ObjectMissing } from './platform/objects/objects.ts'
import type { Services } from './services.ts'

/** Adds `GET /hillshades/LINK`: the picture of a scan's surface as PNG, to whoever has the link, until it expires. */
export function addHillshades(http: FastifyInstance, { surveys }: Pick<Services, 'surveys'>): void {
  http.get<{ Params: { '*': string } }>('/hillshades/*', { exposeHeadRoute: false }, async (request, reply) => {
    const claim = surveys.hillshadeLinks.read(request.params['*'])
    if (claim === null)
      return sendError(
        request,
        reply,
        notFound('There is no hillshade at this address: ask for `Scan.hillshade`.'),
        404,
      )
    const expired = conflict('This link has expired: ask for `Scan.hillshade` again.', { reason: 'LINK_EXPIRED' })
    if (claim.expiresAt <= new Date()) return sendError(request, reply, expired, 410)
    const png = await surveys.hillshades.draw(claim).catch((error: unknown) => {
      if (error instanceof ObjectMissing) return null
      throw error
    })
    if (png === null) return sendError(request, reply, expired, 410)
    return reply.type('image/png').header('cache-control', 'private, max-age=3600, immutable').send(png)
  })
}
