import { createPublicKey, type JsonWebKeyInput } from 'node:crypto'
import type { Database } from '../../platform/database/types.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { addressProblem } from '../../platform/outgoing-addresses.ts'
import { type Device, resealDevice, someDevices } from './queries/devices.ts'
import type { ReminderServices } from './services.ts'

/** What a browser's subscription holds besides its address. */
export interface DeviceKeys {
  readonly p256dh: string
  readonly auth: string
}

const longestEndpoint = 1000
const base64url = /^[\w-]+=*$/

/** The device as it is stored. BAD_USER_INPUT, reason INVALID_SUBSCRIPTION, which never quotes the address. */
export function deviceOf(
  ownerId: string,
  { endpoint, p256dh, auth }: DeviceKeys & { endpoint: string },
  { seals, privatePush }: Pick<ReminderServices, 'seals' | 'privatePush'>,
): Device {
  const address = checkedEndpoint(endpoint, privatePush)
  if (!isPublicKey(p256dh)) throw refused('It is no P-256 public key, base64url.', 'input.p256dh')
  if (!base64url.test(auth) || Buffer.from(auth, 'base64url').length !== 16)
    throw refused('It is no secret of 16 bytes, base64url.', 'input.auth')
  const keys: DeviceKeys = { p256dh: withoutPadding(p256dh), auth: withoutPadding(auth) }
  return { endpoint: address, sealedKeys: seals.seal(JSON.stringify(keys), placeOf(ownerId, address)) }
}

/** The keys of a device; null when no key that is kept opens them. */
export function keysOf(ownerId: string, device: Device, { seals }: Pick<ReminderServices, 'seals'>): DeviceKeys | null {
  const text = seals.open(device.sealedKeys, placeOf(ownerId, device.endpoint))
  return text === null ? null : JSON.parse(text)
}

function placeOf(ownerId: string, endpoint: string): string {
  return `push_subscriptions ${ownerId} ${endpoint}`
}

/**
 * Seals the keys of devices anew where an older key did: after a rotation, and long before that key is removed. Answers how many. Those
 * that nobody can open stay until a message is to be sent to them.
 */
export async function resealDevices(worker: Database, { seals }: Pick<ReminderServices, 'seals'>): Promise<number> {
  let resealed = 0
  for (let after = { ownerId: '0', deviceId: '0' }; ; ) {
    const devices = await someDevices(worker, after)
    for (const device of devices.filter(({ sealedKeys }) => !seals.isCurrent(sealedKeys))) {
      const keys = keysOf(device.ownerId, device, { seals })
      if (keys === null) continue
      const place = placeOf(device.ownerId, device.endpoint)
      await resealDevice(worker, device, seals.seal(JSON.stringify(keys), place))
      resealed += 1
    }
    const last = devices.at(-1)
    if (!last) return resealed
    after = last
  }
}

function checkedEndpoint(endpoint: string, privatePush: boolean): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  if (!url || url.href.length > longestEndpoint) {
    throw refused(`It is no web address of at most ${longestEndpoint} characters.`, 'input.endpoint')
  }
  const problem = addressProblem(url, { mayBePrivate: privatePush })
  if (problem) throw refused(problem, 'input.endpoint')
  return url.href
}

/** An uncompressed point of the curve: 65 bytes. */
function isPublicKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url')
  if (!base64url.test(text) || bytes.length !== 65 || bytes[0] !== 4) return false
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((part) => part.toString('base64url'))
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y } as JsonWebKeyInput['key'], format: 'jwk' })
    return true
  } catch {
    return false
  }
}

const withoutPadding = (text: string) => text.replace(/=+$/, '')

function refused(message: string, field: string) {
  return badUserInput(message, { reason: 'INVALID_SUBSCRIPTION', field })
}
