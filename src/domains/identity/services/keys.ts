import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The secrets of identity: what signs access tokens, and what proves refresh tokens to be ours. */
export interface IdentityKeys {
  /** Ed25519, and the name (`kid`, RFC 7638) under which its tokens are verified. */
  readonly signing: { readonly kid: string; readonly privateKey: KeyObject }
  /** Public keys by `kid`: those of tokens that are still good. */
  readonly verifying: ReadonlyMap<string, KeyObject>
  /** A key of 32 bytes for another purpose (so there is one secret to keep), derived from each that is kept, the newest first: by `kid` of what it comes from. */
  derived(purpose: string): readonly { readonly id: string; readonly key: Buffer }[]
}

export interface KeySource {
  /** PEM of the configuration; null: the keys are in `home/keys`. */
  readonly pem: string | null
  /** PEM of the key that the configuration had before. */
  readonly previousPem?: string | null
  readonly home: string
}

/** The key that signs. Those that did before stand beside it, named for when they were retired. */
export const keyName = 'access-tokens.pem'
export const retiredName = /^access-tokens\.retired-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z)\.pem$/
export const keyFolder = (home: string) => path.join(home, 'keys')

/**
 * The keys from the configuration, else from `home/keys`, where one is made on the first start (mode 0600). Throws when a file there
 * holds something else: whoever made it must decide.
 */
export function loadKeys({ pem, previousPem = null, home }: KeySource): IdentityKeys {
  const [newest, ...older] = pem === null ? storedKeys(keyFolder(home)) : configuredKeys(pem, previousPem)
  if (!newest) throw new Error('There is always a key.')
  const publicKeys = [newest, ...older].map((key) => createPublicKey(key))
  return {
    signing: { kid: kidOf(createPublicKey(newest)), privateKey: newest },
    verifying: new Map(publicKeys.map((key) => [kidOf(key), key])),
    derived: onceEach((purpose) =>
      [newest, ...older].map((key) => ({ id: kidOf(createPublicKey(key)), key: derivedKey(key, purpose) })),
    ),
  }
}

function configuredKeys(pem: string, previousPem: string | null): KeyObject[] {
  return [pem, ...(previousPem === null ? [] : [previousPem])].map((text) => createPrivateKey(text))
}

/** To derive keys takes longer than to seal a text by one. */
function onceEach<Answer>(derive: (purpose: string) => Answer): (purpose: string) => Answer {
  const known = new Map<string, Answer>()
  return (purpose) => {
    const answer = known.get(purpose) ?? derive(purpose)
    known.set(purpose, answer)
    return answer
  }
}

function derivedKey(key: KeyObject, purpose: string): Buffer {
  const der = key.export({ type: 'pkcs8', format: 'der' })
  return Buffer.from(hkdfSync('sha256', der, '', purpose, 32))
}

/** The thumbprint of RFC 7638: its members in this order, without spaces. */
function kidOf(publicKey: KeyObject): string {
  const { crv, kty, x } = publicKey.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
}

/** The latest first. */
function storedKeys(folder: string): KeyObject[] {
  if (!existsSync(path.join(folder, keyName))) makeKey(path.join(folder, keyName))
  const retired = readdirSync(folder).filter((name) => retiredName.test(name))
  return [keyName, ...retired.sort().reverse()].map((name) => storedKey(path.join(folder, name)))
}

function storedKey(file: string): KeyObject {
  const key = readKey(file)
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new Error(
    `${file} holds no Ed25519 private key. Put back the one that was there, or remove the file: then a new one is made, and everybody logs in again.`,
  )
}

function readKey(file: string): KeyObject | null {
  const pem = readFileSync(file, 'utf8')
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

/** Two processes that start at once agree on the key of the first. */
function makeKey(file: string): void {
  placeNewKey(file, newSigningKey)
}

/** Makes a key in a file unless there is one by then. */
export function placeNewKey(file: string, make: () => KeyObject): void {
  const draft = draftKey(file, make)
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}

const newSigningKey = () => generateKeyPairSync('ed25519').privateKey

/** A new key beside the file that it is for; answers its name. */
export function draftKey(file: string, make = newSigningKey): string {
  // The home itself stays open: the user that PostgreSQL runs as may have to pass through it.
  mkdirSync(path.dirname(path.dirname(file)), { recursive: true })
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, make().export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true })
  return draft
}
