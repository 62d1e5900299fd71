import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { keyFolder, placeNewKey } from '../../identity/services/keys.ts'

/** RFC 8292 (VAPID): by what push services tell this one from others. Browsers' subscriptions hold for this key alone. */
export interface PushKeys {
  /** The point of P-256, uncompressed, base64url. */
  readonly publicKey: string
  /** The number, base64url. */
  readonly privateKey: string
}

export interface PushKeySource {
  /** PEM of the configuration; null: the key is in `home/keys`. */
  readonly vapidPrivateKey: string | null
  readonly home: string
}

const keyName = 'web-push.pem'

/** The key from the configuration, else from `home/keys`, where one is made on the first start (mode 0600). */
export function loadPushKeys({ vapidPrivateKey, home }: PushKeySource): PushKeys {
  return pushKeysOf(vapidPrivateKey === null ? storedKey(home) : createPrivateKey(vapidPrivateKey))
}

function storedKey(home: string): KeyObject {
  const file = path.join(keyFolder(home), keyName)
  if (!existsSync(file)) placeNewKey(file, newKey)
  try {
    const key = createPrivateKey(readFileSync(file, 'utf8'))
    if (isP256(key)) return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) throw error
  }
  throw new Error(
    `${file} holds no P-256 private key. Put back the one that was there, or remove the file: then a new one is made, and browsers subscribe anew.`,
  )
}

export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

function pushKeysOf(key: KeyObject): PushKeys {
  const { x = '', y = '', d = '' } = key.export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return { publicKey: point.toString('base64url'), privateKey: d }
}
