import type { FastifyInstance } from 'fastify'
import { exportKey } from './domains/transfer/archive/export-links.ts'
import { auditDownload, isInUse } from './domains/transfer/queries/data-exports.ts'
import type { Databases } from './platform/database/databases.ts'
import { conflict, notFound } from './platform/graphql/errors.ts'
import { sendError } from './platform/http/error-answers.ts'
import { ObjectMissing } from './platform/objects/objects.ts'
import type { Services } from './services.ts'

/** Adds `GET /exports/LINK`: the file of an export, to whoever has the link, until it expires. */
export function addDataExports(
  http: FastifyInstance,
  { databases, services }: { databases: Databases; services: Services },
): void {
  http.get<{ Params: { '*': string } }>('/exports/*', { exposeHeadRoute: false }, async (request, reply) => {
    const claim = services.exportLinks.read(request.params['*'])
    if (claim === null)
      return sendError(
        request,
        reply,
        notFound('There is no export at this address: ask for one with `exportMyData`.'),
        404,
      )
    const expired = conflict('This link has expired: ask for another export with `exportMyData`.', {
      reason: 'LINK_EXPIRED',
    })
    const gone = () => sendError(request, reply, expired, 410)
    if (claim.expiresAt <= new Date() || !(await isInUse(databases.auth, claim.ownerId))) return gone()
    const object = await services.objects.find(exportKey(claim))
    if (object === null) return gone()
    const { auth } = databases.forViewer(null, { requestId: request.id, ip: request.ip })
    await auth.inTransaction((tx) => auditDownload(tx, claim))
    const content = await services.objects.get(object.key).catch((error: unknown) => {
      if (error instanceof ObjectMissing) return null
      throw error
    })
    if (content === null) return gone()
    return reply
      .type('application/zip')
      .header('content-length', object.bytes)
      .header('content-disposition', `attachment; filename="kitaab-${object.storedAt.toISOString().slice(0, 10)}.zip"`)
      .header('cache-control', 'private, no-store')
      .send(content)
  })
}
