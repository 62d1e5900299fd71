import type { Seals } from '../../platform/sealed-values.ts'
import { sealsOf } from '../identity/services/key-ring.ts'
import type { IdentityServices } from '../identity/services.ts'
import { makeOffLinks, type OffLinks } from './sending/off-links.ts'
import { loadPushKeys, type PushKeySource, type PushKeys } from './services/push-keys.ts'

/** What reminders have one of per process. */
export interface ReminderServices {
  /** For browsers that subscribe. */
  readonly pushKey: string
  readonly pushKeys: PushKeys
  /** The links in mails. */
  readonly offLinks: OffLinks
  /** Encrypts the keys of devices. */
  readonly seals: Seals
  /** Whether push messages may go to private addresses, without TLS: a push service of one's own, and tests. */
  readonly privatePush: boolean
  /** Whom a push service may turn to: the service's mail address, as `mailto:`. */
  readonly contact: string
}

export interface ReminderOptions extends PushKeySource {
  readonly pushToPrivateAddresses: boolean
  readonly mailFrom: string
}

export function makeReminderServices(
  { keyRing }: Pick<IdentityServices, 'keyRing'>,
  options: ReminderOptions,
): ReminderServices {
  const pushKeys = loadPushKeys(options)
  return {
    pushKey: pushKeys.publicKey,
    pushKeys,
    offLinks: makeOffLinks(keyRing),
    seals: sealsOf(keyRing),
    privatePush: options.pushToPrivateAddresses,
    contact: `mailto:${/<([^<>]+)>\s*$/.exec(options.mailFrom)?.[1] ?? options.mailFrom}`,
  }
}
