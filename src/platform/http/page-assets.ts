import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { protectPage } from './page-security.ts'

/** A file that a page loads. */
interface Asset {
  readonly type: string
  readonly bytes: Buffer
  /** Compressed on first use. */
  zipped(): Promise<Buffer>
}

export interface Assets {
  /** Names the content of all of them, so that a browser may keep each for ever. */
  readonly version: string
  /** Only what is listed here is served: a name is never made into a path. */
  readonly byName: ReadonlyMap<string, Asset>
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Reads the files of a page: the name in its address, and where it lies. */
export function readAssets(files: Iterable<readonly [name: string, file: string]>): Assets {
  const hash = createHash('sha256')
  const assets = [...files].map(([name, file]): [string, Asset] => {
    const bytes = fs.readFileSync(file)
    hash.update(name).update(bytes)
    return [name, makeAsset(types[path.extname(name)] ?? 'application/octet-stream', bytes)]
  })
  return { version: hash.digest('base64url').slice(0, 16), byName: new Map(assets) }
}

function makeAsset(type: string, bytes: Buffer): Asset {
  let zipped: Promise<Buffer> | undefined
  return {
    type,
    bytes,
    zipped() {
      zipped ??= promisify(gzip)(bytes)
      return zipped
    },
  }
}

/** Serves them below `path`; answers the folder of this version of them, without a slash at the end. */
export function serveAssets(app: FastifyInstance, path: string, assets: Assets): string {
  const folder = `${path}/${assets.version}`
  app.get<{ Params: { name: string } }>(`${folder}/:name`, async (request, reply) => {
    const asset = assets.byName.get(request.params.name)
    if (asset === undefined) return reply.callNotFound()
    return sendAsset(request, reply, asset, `"${assets.version}"`)
  })
  return folder
}

async function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset, etag: string) {
  const zip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  protectPage(reply, "default-src 'none'")
  // The version in the address changes with the content.
  reply
    .header('cache-control', 'public, max-age=31536000, immutable')
    .header('etag', etag)
    .header('vary', 'accept-encoding')
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  if (zip) reply.header('content-encoding', 'gzip')
  return reply.type(asset.type).send(zip ? await asset.zipped() : asset.bytes)
}
