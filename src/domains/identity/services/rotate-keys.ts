import { existsSync, linkSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { draftKey, keyFolder, keyName, loadKeys, retiredName } from './keys.ts'

/** SES-3 No refresh token is older than a session may be, in milliseconds. */
const keptMs = 90 * 24 * 3600 * 1000

export interface Rotation {
  /** Of the key that signs from now on. */
  readonly kid: string
  /** How many keys before it still verify, and how many were removed. */
  readonly kept: number
  readonly removed: number
}

export interface RotationOptions {
  /** No key from before verifies any more. */
  readonly forgetOld?: boolean
  /** In milliseconds. */
  readonly now?: number
}

/**
 * SES-2, SES-3 Makes the key in `home/keys` that signs from now on, and removes what is over. The one before verifies for as long as its
 * tokens may live, 90 days; with `forgetOld` none does. What a key sealed is gone with it. Throws when another rotation is under way.
 */
export function rotateKeys(home: string, options: RotationOptions = {}): Rotation {
  const { kid } = makeNewestKey(home, options)
  return { kid, ...removeOldKeys(home, options) }
}

/** Makes the key that signs from now on, and removes none. `over`: how many `removeOldKeys` would remove. */
export function makeNewestKey(
  home: string,
  options: RotationOptions = {},
): { readonly kid: string; readonly over: number } {
  // What can't be read is told before anything changes; and where there was no key, there is one now.
  loadKeys({ pem: null, home })
  const folder = keyFolder(home)
  return exclusively(path.join(folder, 'rotation.lock'), () => {
    const file = path.join(folder, keyName)
    const draft = draftKey(file)
    const retired = `access-tokens.retired-${new Date(options.now ?? Date.now()).toISOString().replaceAll(':', '-')}.pem`
    linkSync(file, path.join(folder, retired))
    renameSync(draft, file)
    return { kid: loadKeys({ pem: null, home }).signing.kid, over: oldKeys(home, options).over.length }
  })
}

/** Removes the keys that verify no more. */
export function removeOldKeys(home: string, options: RotationOptions = {}): Pick<Rotation, 'kept' | 'removed'> {
  const folder = keyFolder(home)
  return exclusively(path.join(folder, 'rotation.lock'), () => {
    const { all, over } = oldKeys(home, options)
    for (const name of over) rmSync(path.join(folder, name))
    return { kept: all.length - over.length, removed: over.length }
  })
}

function oldKeys(home: string, { forgetOld = false, now = Date.now() }: RotationOptions) {
  const all = readdirSync(keyFolder(home)).filter((name) => retiredName.test(name))
  return { all, over: all.filter((name) => forgetOld || retiredAt(name) < now - keptMs) }
}

/** In milliseconds. */
function retiredAt(name: string): number {
  const [, day = '', time = ''] = /retired-([\d-]+)T([\d.-]+Z)/.exec(name) ?? []
  return Date.parse(`${day}T${time.replaceAll('-', ':')}`)
}

function exclusively<Result>(lock: string, work: () => Result): Result {
  if (existsSync(lock))
    throw new Error(`${lock} is there: wait for the other rotation, or remove what one left that broke off.`)
  writeFileSync(lock, '', { mode: 0o600, flag: 'wx' })
  try {
    return work()
  } finally {
    rmSync(lock)
  }
}
