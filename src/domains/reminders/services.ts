import type { Seals } from '../../platform/sealed-values.ts'
import { makeSeals } from '../../platform/sealed-values.ts'
import type { IdentityServices } from '../identity/services.ts'
import { loadPushKeys, type PushKeySource, type PushKeys } from './services/push-keys.ts'

/** What reminders have one of per process. */
export interface ReminderServices {
  /** For browsers that subscribe. */
  readonly pushKey: string
  readonly pushKeys: PushKeys
  /** Encrypts the keys of devices. */
  readonly seals: Seals
  /** Whether push messages may go to private addresses, without TLS: a push service of one's own, and tests. */
  readonly privatePush: boolean
}

export interface ReminderOptions extends PushKeySource {
  readonly pushToPrivateAddresses: boolean
}

export function makeReminderServices(
  { keyRing }: Pick<IdentityServices, 'keyRing'>,
  options: ReminderOptions,
): ReminderServices {
  const pushKeys = loadPushKeys(options)
  return {
    pushKey: pushKeys.publicKey,
    pushKeys,
    seals: makeSeals(() => keyRing.current().derived('kitaab sealed values')),
    privatePush: options.pushToPrivateAddresses,
  }
}
