import { createReadStream } from 'node:fs'
import { PointCloudError } from '../model.ts'

/** A line of points has tens of characters. */
const mostLineBytes = 65_536

/** Lines of one piece of the file. Their bytes stand for characters, so that no byte is lost or wrong. */
export interface Lines {
  /** The number of the first, from 1. */
  readonly first: number
  readonly texts: readonly string[]
}

/** The lines of a text file, piece by piece, without what ends them. */
export async function* linesOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<Lines> {
  const pieces = createReadStream(path, { highWaterMark: 256 * 1024, signal })
  let first = 1
  let begun = ''
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    if (first === 1 && begun === '') checkEncoding(piece)
    const texts = (begun + piece.toString('latin1')).split('\n')
    begun = texts.pop() ?? ''
    yield { first, texts }
    first += texts.length
    if (begun.length > mostLineBytes)
      throw new PointCloudError({ line: first }, `The line has more than ${mostLineBytes} characters.`)
  }
  yield { first, texts: [begun] }
}

function checkEncoding(beginning: Buffer): void {
  const bytes = beginning.subarray(0, 1024)
  if (bytes.includes(0))
    throw new PointCloudError(
      { byte: bytes.indexOf(0) },
      'A zero: this is no text, or not of UTF-8. LAS begins with `LASF`.',
    )
}
