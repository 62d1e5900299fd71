import { createECDH, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const SUBSCRIBE = 'mutation ($input: SubscribePushInput!) { subscribePush(input: $input) { account { pushDevices } } }'
const UNSUBSCRIBE =
  'mutation ($input: UnsubscribePushInput!) { unsubscribePush(input: $input) { account { pushDevices } } }'

const subscription = (endpoint = `https://push.example/${crypto.randomUUID()}`) => {
  const ecdh = createECDH('prime256v1')
  return { endpoint, p256dh: ecdh.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') }
}
const subscribe = (person: TestPerson, input: object) => service.execute(SUBSCRIBE, { input }, { as: person })
const devicesOf = async (person: TestPerson) =>
  (await service.execute('{ me { pushDevices pushKey } }', {}, { as: person })).data.me

test('a device is kept once, its keys encrypted, and goes when it is asked to', async () => {
  const leila = await newUser(service.database, 'leila')
  const device = subscription()
  for (const one of [device, { ...subscription(), endpoint: device.endpoint }, subscription()]) {
    expect(outcome(await subscribe(leila, one))).toBe('ok')
  }
  const { pushDevices, pushKey } = await devicesOf(leila)
  expect(pushDevices).toBe(2)
  expect(Buffer.from(pushKey, 'base64url')).toHaveLength(65)
  const { rows } = await service.database.admin.query('select push_subscriptions::text as row from push_subscriptions')
  for (const { row } of rows) for (const secret of [device.auth, device.p256dh]) expect(row).not.toContain(secret)
  const { data } = await service.execute(UNSUBSCRIBE, { input: { endpoint: device.endpoint } }, { as: leila })
  expect(data.unsubscribePush.account.pushDevices).toBe(1)
  const all = await service.execute(UNSUBSCRIBE, { input: {} }, { as: leila })
  expect(all.data.unsubscribePush.account.pushDevices).toBe(0)
})

test('a browser is one person’s: who subscribes it last; and nobody removes another’s', async () => {
  const [leila, budi] = [await newUser(service.database, 'leila'), await newUser(service.database, 'budi')]
  const shared = subscription()
  await subscribe(leila, shared)
  await subscribe(leila, subscription())
  await service.execute(UNSUBSCRIBE, { input: { endpoint: shared.endpoint } }, { as: budi })
  expect(await devicesOf(leila)).toMatchObject({ pushDevices: 2 })
  await subscribe(budi, shared)
  expect(await devicesOf(leila)).toMatchObject({ pushDevices: 1 })
  expect(await devicesOf(budi)).toMatchObject({ pushDevices: 1 })
})

test('of more than 20 devices the oldest goes', async () => {
  const leila = await newUser(service.database, 'leila')
  const first = subscription()
  for (const one of [first, ...Array.from({ length: 20 }, () => subscription())]) await subscribe(leila, one)
  expect(await devicesOf(leila)).toMatchObject({ pushDevices: 20 })
  const { rows } = await service.database.admin.query('select from push_subscriptions where endpoint = $1', [
    first.endpoint,
  ])
  expect(rows).toEqual([])
})

test.each([
  'http://push.example/a',
  'https://127.0.0.1/a',
  'https://2130706433/a',
  'https://0x7f.1/a',
  'https://[::1]/a',
  'https://[::ffff:10.0.0.1]/a',
  'https://10.1.2.3/a',
  'https://169.254.169.254/latest',
  'https://localhost/a',
  'https://database/a',
  'https://db.internal/a',
  'https://user:secret@push.example/a',
  'file:///etc/passwd',
  'not an address',
  `https://push.example/${'a'.repeat(1000)}`,
])('nothing is ever sent to %s', async (endpoint) => {
  const leila = await newUser(service.database, 'leila')
  const refused = await subscribe(leila, subscription(endpoint))
  expect(outcome(refused)).toBe('BAD_USER_INPUT INVALID_SUBSCRIPTION')
  expect(refused.errors?.[0]?.message).not.toContain('secret')
})

test.each([
  ['no key', { p256dh: 'AAAA' }],
  [
    'a point that is not on the curve',
    { p256dh: Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url') },
  ],
  ['a secret of another length', { auth: 'AAAA' }],
])('a subscription with %s is refused', async (_what, change) => {
  const leila = await newUser(service.database, 'leila')
  expect(outcome(await subscribe(leila, { ...subscription(), ...change }))).toBe('BAD_USER_INPUT INVALID_SUBSCRIPTION')
})
