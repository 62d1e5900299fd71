import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { formatName, formatVersion, type Manifest, type ManifestFile, manifestName } from './format.ts'

/** A file of an archive on its way into the zip. */
export interface Part {
  readonly name: string
  /** Texts one after the other, and how many rows each has. Asked for when the file's turn comes. */
  content(): AsyncIterable<{ readonly text: string; readonly rows: number }>
}

export interface ZipOfParts {
  /** The zip. Nothing is made ahead of whoever reads it; destroyed, it makes no more. */
  readonly stream: Readable
  /** Resolves when no part is being read any more, however the stream ended. */
  idle(): Promise<void>
}

export interface ZipOptions {
  readonly madeAt: Date
  /** Of Kitaab. */
  readonly version: string
}

/** A zip of these files, and last the manifest with what each of them came to. */
export function zipParts(parts: readonly Part[], { madeAt, version }: ZipOptions): ZipOfParts {
  const zip = new ZipFile()
  // yazl types it by less than it is.
  const stream = zip.outputStream as Readable
  const files: ManifestFile[] = []
  let current: Readable | undefined
  let idle: Promise<void> = Promise.resolve()
  const add = (name: string, content: () => AsyncIterable<Buffer>) =>
    zip.addReadStreamLazy(name, { mtime: madeAt, mode: 0o100644 }, (give) => {
      const ended = Promise.withResolvers<void>()
      current = Readable.from(
        watched(
          content,
          (until) => {
            idle = until
          },
          ended,
        ),
        { objectMode: false },
      )
      current.once('error', (error) => stream.destroy(error))
      give(null, current)
    })
  for (const part of parts) add(part.name, () => contentOf(part, (file) => files.push(file)))
  add(manifestName, async function* () {
    const manifest: Manifest = { format: formatName, formatVersion, madeAt: madeAt.toISOString(), version, files }
    yield Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
  })
  zip.end()
  stream.once('close', () => current?.destroy())
  return { stream, idle: () => idle }
}

/** What is never begun needs no end, so it is told of at the first piece. */
async function* watched(
  content: () => AsyncIterable<Buffer>,
  begin: (until: Promise<void>) => void,
  ended: PromiseWithResolvers<void>,
): AsyncGenerator<Buffer> {
  begin(ended.promise)
  try {
    yield* content()
  } finally {
    ended.resolve()
  }
}

async function* contentOf(part: Part, done: (file: ManifestFile) => void): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let rows = 0
  let bytes = 0
  for await (const piece of part.content()) {
    const chunk = Buffer.from(piece.text)
    rows += piece.rows
    bytes += chunk.byteLength
    hash.update(chunk)
    yield chunk
  }
  done({ name: part.name, rows, bytes, sha256: hash.digest('hex') })
}
