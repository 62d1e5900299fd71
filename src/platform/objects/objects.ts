import type { Readable } from 'node:stream'

/**
 * Where what is too large for a row is kept: a folder, or a service of objects. A key is words of `a-z 0-9 . _ -`, each begun by a
 * letter or digit, with `/` between them: `exports/5/0198...zip`. A key is written once; writing it again takes the old content's place.
 */
export interface ObjectStore {
  /**
   * Keeps all that the content gives, or nothing: until the last byte is safe the key stays what it was. Rejects with
   * `ObjectTooLarge` beyond `maxBytes`, with what the content fails by, and with the signal's reason.
   */
  put(key: string, content: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredObject>
  /** The content, which goes on to be read when the key is deleted meanwhile. Rejects with `ObjectMissing`. */
  get(key: string): Promise<Readable>
  /** Null when there is none. */
  find(key: string): Promise<FoundObject | null>
  /** Answers whether there was one. */
  delete(key: string): Promise<boolean>
  /** All whose key begins with these words: `exports/5` has `exports/5/a.zip`, and not `exports/50/b.zip`. In no order. */
  list(prefix?: string): AsyncIterable<FoundObject>
  /** Removes what was begun before an instant and never ended, because its process died. Answers how many those were. */
  removeUnfinished(before: Date): Promise<number>
}

export interface PutOptions {
  readonly maxBytes?: number
  readonly signal?: AbortSignal
}

export interface StoredObject {
  readonly bytes: number
  /** Of the content, in lower-case hexadecimal. */
  readonly sha256: string
}

export interface FoundObject {
  readonly key: string
  readonly bytes: number
  readonly storedAt: Date
}

export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing'
}

export class ObjectTooLarge extends Error {
  override readonly name = 'ObjectTooLarge'
}

/** The place of objects does not answer as it should. The message says which, and what it answered; it holds no secret. */
export class ObjectsUnavailable extends Error {
  override readonly name = 'ObjectsUnavailable'
}

const word = '[a-z0-9][a-z0-9._-]{0,99}'
const keyForm = new RegExp(`^${word}(/${word}){0,9}$`)

export function isKey(text: string): boolean {
  return keyForm.test(text)
}

/** The key itself. Throws unless it has the form of one, which no path out of a folder has. */
export function checkedKey(key: string): string {
  if (isKey(key)) return key
  throw new TypeError(`This is no key of an object: ${JSON.stringify(key.slice(0, 200))}.`)
}
