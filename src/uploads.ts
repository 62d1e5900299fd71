import type { FastifyInstance } from 'fastify'
import { receiveUpload } from './domains/uploads/uploads.ts'
import type { Databases } from './platform/database/databases.ts'
import { type UploadRouteOptions, uploadRoute } from './platform/http/upload-route.ts'
import type { Services } from './services.ts'

export interface UploadsParts extends Pick<UploadRouteOptions, 'limits' | 'isDraining'> {
  readonly databases: Databases
  readonly services: Services
}

/** Adds `PUT` and `POST /uploads/...`, where files to be imported come in. */
export async function addUploads(http: FastifyInstance, parts: UploadsParts): Promise<void> {
  const { databases, services, limits, isDraining } = parts
  const receiving = { databases, objects: services.objects, tokens: services.uploadTokens }
  await http.register(uploadRoute, {
    limits,
    isDraining,
    receive: (sent, request) => receiveUpload(receiving, sent, request),
  })
}
