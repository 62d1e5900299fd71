import { readdirSync, statSync } from 'node:fs'
import type { Log } from '../../../platform/log.ts'
import { makeSeals, type Seals } from '../../../platform/sealed-values.ts'
import { type IdentityKeys, type KeySource, keyFolder, loadKeys } from './keys.ts'

/** The keys of a process that goes on while they are rotated. */
export interface KeyRing {
  /** As they are now: one look into a folder. */
  current(): IdentityKeys
  /** As they were at most ten seconds ago. */
  recent(): IdentityKeys
}

const recentMs = 10_000

/** Where the configuration has keys. */
export interface ConfiguredKeys {
  readonly home: string
  readonly jwtPrivateKey: string | null
  readonly jwtPreviousKey?: string | null
}

/** The ring of the configuration. */
export function keyRingOf({ home, jwtPrivateKey, jwtPreviousKey = null }: ConfiguredKeys, log: Log): KeyRing {
  return openKeyRing(
    { pem: jwtPrivateKey, previousPem: jwtPreviousKey, home },
    { onTrouble: (error) => log.error({ err: error }, 'the keys could not be read again: those before stay in use') },
  )
}

/** A ring that looks whether files came or went. What it can't read then is told to `onTrouble`, and the keys before stay in use. */
export function openKeyRing(
  source: KeySource,
  { onTrouble, now = Date.now }: { onTrouble: (error: unknown) => void; now?: () => number },
): KeyRing {
  let keys = loadKeys(source)
  if (source.pem !== null) return { current: () => keys, recent: () => keys }
  const folder = keyFolder(source.home)
  // Not what was there before the keys were read, or a rotation between would be missed.
  let seen = ''
  let lookedAt = Number.NEGATIVE_INFINITY
  const current = () => {
    lookedAt = now()
    try {
      const state = stateOf(folder)
      if (state === seen) return keys
      seen = state
      keys = loadKeys(source)
    } catch (error) {
      onTrouble(error)
    }
    return keys
  }
  return { current, recent: () => (now() - lookedAt < recentMs ? keys : current()) }
}

/** Differs after each rotation, as a file that is put in another's place was beside it before. */
function stateOf(folder: string): string {
  return [statSync(folder, { bigint: true }).mtimeNs, ...readdirSync(folder).sort()].join('\n')
}

/** Encrypts what the database must not have in the clear, by the newest key of the ring. */
export function sealsOf(ring: Pick<KeyRing, 'current'>): Seals {
  return makeSeals(() => ring.current().derived('kitaab sealed values'))
}

/** The keys for a purpose as they are whenever it is asked, the newest first. */
export function keysFor(ring: Pick<KeyRing, 'current'>, purpose: string): () => Buffer[] {
  return () =>
    ring
      .current()
      .derived(purpose)
      .map(({ key }) => key)
}
