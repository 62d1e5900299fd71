import type { FastifyInstance, FastifyReply } from 'fastify'
import { GraphQLError } from 'graphql'
import { noteReadAsViewer, type StoredScan, storedScan } from './domains/surveys/queries/points.ts'
import { filesOfScans } from './domains/surveys/queries/scan-files.ts'
import { scansByKeys } from './domains/surveys/queries/scans.ts'
import { requireAtHand } from './domains/surveys/rules/tiers.ts'
import type { ScanClaim } from './domains/surveys/scan-links.ts'
import { readPoints } from './domains/surveys/stored-points.ts'
import type { Databases } from './platform/database/databases.ts'
import { conflict, notFound } from './platform/graphql/errors.ts'
import { sendError } from './platform/http/error-answers.ts'
import { ObjectMissing } from './platform/objects/objects.ts'
import type { Services } from './services.ts'

const statuses: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, NOT_FOUND: 404, CONFLICT: 409 }

/** Adds `GET /scans/LINK`: the file of a scan, to whoever has the link, while the one whom it was given may see the scan. */
export function addScanFiles(
  http: FastifyInstance,
  { databases, services }: { databases: Databases; services: Services },
): void {
  http.get<{ Params: { '*': string } }>('/scans/*', { exposeHeadRoute: false }, async (request, reply) => {
    const claim = services.scanLinks.read(request.params['*'])
    if (claim === null) return sendError(request, reply, nothing(), 404)
    if (claim.expiresAt <= new Date()) return sendError(request, reply, expired(), 410)
    try {
      const { scan, name } = await readableScan(databases, claim, { requestId: request.id, ip: request.ip })
      const content = await readPoints(services.objects, scan.objectKey)
      return headed(reply, name, scan.bytes).send(content)
    } catch (error) {
      const known = error instanceof ObjectMissing ? nothing() : error
      const status = known instanceof GraphQLError ? statuses[String(known.extensions.code)] : undefined
      if (!(known instanceof GraphQLError) || status === undefined) throw error
      return sendError(request, reply, known, status)
    }
  })
}

/** The scan, as whom the link was given to may see it now; that its points are read is noted. */
async function readableScan(
  databases: Databases,
  { userId, sessionId, role, ...key }: ScanClaim,
  request: { requestId: string; ip: string },
): Promise<{ scan: StoredScan; name: string }> {
  const { transaction } = databases.forViewer({ userId, sessionId, role }, request)
  return transaction(
    async (tx) => {
      const [row] = await scansByKeys(tx, userId, [key])
      const [file] = row ? await filesOfScans(tx, [key]) : []
      const scan = file ? await storedScan(tx, key) : null
      if (scan === null) throw nothing()
      requireAtHand(scan)
      await noteReadAsViewer(tx, key)
      return { scan, name: file?.name ?? 'scan' }
    },
    { owners: [key.ownerId] },
  )
}

function headed(reply: FastifyReply, name: string, bytes: number): FastifyReply {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_')
  return reply
    .type('application/octet-stream')
    .header('content-length', bytes)
    .header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`)
    .header('cache-control', 'private, no-store')
}

function nothing(): GraphQLError {
  return notFound('There is no file at this address: ask for one with `Scan.file { downloadUrl }`.')
}

function expired(): GraphQLError {
  return conflict('This link has expired: ask for another one with `Scan.file { downloadUrl }`.', {
    reason: 'LINK_EXPIRED',
  })
}
