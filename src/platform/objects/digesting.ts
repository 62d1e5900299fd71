import { createHash } from 'node:crypto'
import { ObjectTooLarge, type StoredObject } from './objects.ts'

/** Content that is counted and digested while it is read. It fails with `ObjectTooLarge` beyond `maxBytes`. */
export interface Digesting {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Of all that was read until now. Once. */
  result(): StoredObject
}

export function digesting(content: AsyncIterable<Uint8Array>, maxBytes = Number.POSITIVE_INFINITY): Digesting {
  const hash = createHash('sha256')
  let bytes = 0
  async function* chunks() {
    for await (const chunk of content) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw new ObjectTooLarge(`There are more than ${maxBytes} bytes.`)
      hash.update(chunk)
      yield chunk
    }
  }
  return { chunks: chunks(), result: () => ({ bytes, sha256: hash.digest('hex') }) }
}
