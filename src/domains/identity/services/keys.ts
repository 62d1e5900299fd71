import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
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
  const privateKey = createPrivateKey(pem ?? storedPem(path.join(home, 'keys')))
  const publicKey = createPublicKey(privateKey)
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey))
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  const refresh = Buffer.from(hkdfSync('sha256', der, '', 'kitaab refresh token', 32))
  return { signing: { kid, privateKey }, verifying: new Map([[kid, publicKey]]), refresh }
}

function storedPem(folder: string): string {
  const file = path.join(folder, 'access-tokens.pem')
  if (!existsSync(file)) {
    // The home itself stays open: the user that PostgreSQL runs as may have to pass through it.
    mkdirSync(path.dirname(folder), { recursive: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      mode: 0o600,
    })
    // Two processes that start at once agree on the key of the first.
    try {
      linkSync(draft, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    rmSync(draft)
  }
  return readFileSync(file, 'utf8')
}
