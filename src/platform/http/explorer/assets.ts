import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** A file that the page loads. */
export interface Asset {
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

const require = createRequire(import.meta.url)
const ofPackage = (name: string, file: string) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
const ofPage = (file: string) => path.join(import.meta.dirname, 'page', file)

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Reads all of them, some 1.5 MB. */
export function readAssets(): Assets {
  const byName = new Map([
    ['react.js', ofPackage('react', 'umd/react.production.min.js')],
    ['react-dom.js', ofPackage('react-dom', 'umd/react-dom.production.min.js')],
    ['graphiql.js', ofPackage('graphiql', 'graphiql.min.js')],
    ['graphiql.css', ofPackage('graphiql', 'graphiql.min.css')],
    // This package does not export its package.json.
    ['query-builder.js', path.join(path.dirname(require.resolve('@graphiql/plugin-explorer')), 'index.umd.js')],
    ['query-builder.css', path.join(path.dirname(require.resolve('@graphiql/plugin-explorer')), 'style.css')],
    ...fs.readdirSync(ofPage('')).map((file): [string, string] => [file, ofPage(file)]),
  ])
  const hash = createHash('sha256')
  const assets = [...byName].map(([name, file]): [string, Asset] => {
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
