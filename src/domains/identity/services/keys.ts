import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { calculateJwkThumbprint, exportJWK } from 'jose'

/** The secrets of identity: what signs access tokens, and what proves refresh tokens to be ours. */
export interface IdentityKeys {
  /** Ed25519, and the name (`kid`, RFC 7638) under which its tokens are verified. */
  readonly signing: { readonly kid: string; readonly privateKey: KeyObject }
  /** Public keys by `kid`: those of tokens that are still good. */
  readonly verifying: ReadonlyMap<string, KeyObject>
  /** HMAC-SHA-256 key of refresh tokens; derived, so that there is one secret to keep. */
  readonly refresh: Buffer
}

/** The keys from a PEM of the configuration, else from `home/keys`, where they are made on the first start (mode 0600). */
export async function loadKeys({ pem, home }: { pem: string | null; home: string }): Promise<IdentityKeys> {
  const privateKey = pem === null ? storedKey(path.join(home, 'keys')) : createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey))
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  const refresh = Buffer.from(hkdfSync('sha256', der, '', 'kitaab refresh token', 32))
  return { signing: { kid, privateKey }, verifying: new Map([[kid, publicKey]]), refresh }
}

/** The key in the folder, made when there is none. Throws when the file holds something else: whoever made it must decide. */
function storedKey(folder: string): KeyObject {
  const file = path.join(folder, 'access-tokens.pem')
  if (!existsSync(file)) makeKey(file)
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
  // The home itself stays open: the user that PostgreSQL runs as may have to pass through it.
  mkdirSync(path.dirname(path.dirname(file)), { recursive: true })
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(draft, pem, { mode: 0o600, flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}
