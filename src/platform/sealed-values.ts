import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** A key of 32 bytes, and the name under which what it sealed is opened again. */
export interface SealingKey {
  readonly id: string
  readonly key: Buffer
}

/** Encrypts texts for the database (AES-256-GCM), each bound to its place: what is moved to another row does not open there. */
export interface Seals {
  /** `place` names table, owner and row. The same text is sealed differently each time. */
  seal(text: string, place: string): string
  /** The text; null when it was sealed for another place, by a key that is gone, or was changed. */
  open(sealed: string, place: string): string | null
  /** Whether the newest key sealed it. */
  isCurrent(sealed: string): boolean
}

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16
/** `version . key . base64url of nonce, cipher text and tag`. */
const form = /^1\.([\w-]{1,100})\.([\w-]+)$/

/** `keys` answers those of the moment, the newest first. */
export function makeSeals(keys: () => readonly SealingKey[]): Seals {
  return {
    seal(text, place) {
      const [newest] = keys()
      if (!newest) throw new Error('There is no key to seal with.')
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv(algorithm, newest.key, iv).setAAD(boundTo(newest.id, place))
      const bytes = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `1.${newest.id}.${bytes.toString('base64url')}`
    },
    open(sealed, place) {
      const [, id = '', text = ''] = form.exec(sealed) ?? []
      const bytes = Buffer.from(text, 'base64url')
      const key = keys().find((one) => one.id === id)
      return key && bytes.length >= ivBytes + tagBytes ? opened(bytes, key, place) : null
    },
    isCurrent: (sealed) => form.exec(sealed)?.[1] === keys()[0]?.id,
  }
}

function opened(bytes: Buffer, { id, key }: SealingKey, place: string): string | null {
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(boundTo(id, place)).setAuthTag(bytes.subarray(-tagBytes))
  try {
    return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}

function boundTo(id: string, place: string): Buffer {
  return Buffer.from(`${id}\n${place}`)
}
