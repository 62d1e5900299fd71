import { createPublicKey } from 'node:crypto'
import https from 'node:https'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { jwtVerify } from 'jose'
import { rotateKeys } from '../../../src/domains/identity/services/rotate-keys.ts'
import { isPublicAddress, lookupPublic } from '../../../src/platform/outgoing-addresses.ts'
import { runTask } from '../../support/jobs.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type FiringWorld, newFiringWorld } from './firing-world.ts'
import { startPushService } from './push-service.ts'

let service: TestService
let world: FiringWorld
let push: Awaited<ReturnType<typeof startPushService>>
beforeAll(async () => {
  service = await startService({
    config: { pushToPrivateAddresses: true, publicUrl: new URL('https://kitaab.example/') },
  })
  world = newFiringWorld(service)
  push = await startPushService()
})
afterAll(async () => {
  await push.stop()
  await world.stop()
  await service.stop()
})
afterEach(async () => {
  push.answering(() => ({ status: 201 }))
  push.received.length = 0
  await service.database.admin.query('update notifications set is_active = false; delete from notification_deliveries')
})

const from = '2026-05-01T12:00:00Z'
const due = '2026-05-01T20:00:00Z'
const SUBSCRIBE =
  'mutation ($input: SubscribePushInput!) { subscribePush(input: $input) { account { pushDevices pushKey } } }'

/** Someone with a reminder by push, due at 20:00, and browsers of these names. */
async function withBrowsers(names: readonly string[], input: object = {}) {
  const reminder = await world.newReminder({ localTime: '20:00', channels: ['PUSH'], ...input }, { from })
  for (const name of names) await reminder.ask(SUBSCRIBE, { input: push.newBrowser(name) })
  return reminder
}
const fire = (now = due) => runTask(service, 'fire_reminders', { now: new Date(now) })
const devices = async ({ ask }: Awaited<ReturnType<typeof withBrowsers>>) =>
  (await ask('{ me { pushDevices } }')).me.pushDevices

test('each device gets the message, encrypted for it, small, and tagged so that a repeated one replaces it', async () => {
  const { person, reminderId } = await withBrowsers(['phone', 'laptop'], { title: 'ورد المساء' })
  await service.database.admin.query("update users set locale = 'ar-EG' where user_id = $1", [person.userId])
  await fire()
  expect(push.received.map(({ device }) => device).sort()).toEqual(['laptop', 'phone'])
  const { message, headers } = push.received[0] ?? { message: { tag: '' }, headers: {} }
  expect(message).toEqual({
    title: 'ورد المساء',
    body: 'هذا تذكيرك ليوم الجمعة، 1 مايو 2026.',
    tag: `r${Number(reminderId).toString(36)}-2026-05-01`,
    lang: 'ar',
    url: 'https://kitaab.example',
  })
  expect(headers).toMatchObject({ ttl: '7200', topic: message.tag, 'content-encoding': 'aes128gcm' })
  expect(await world.deliveries(person.userId)).toMatchObject([{ channel: 'push', status: 'sent' }])
})

test('the push service can tell who sends, by the key that browsers subscribe with', async () => {
  const { ask } = await withBrowsers(['signed'])
  const { pushKey } = (await ask('{ me { pushKey } }')).me
  await fire()
  const [, token = '', key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(push.received[0]?.headers.authorization ?? '') ?? []
  expect(key).toBe(pushKey)
  const point = Buffer.from(pushKey, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'))
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' })
  const { payload } = await jwtVerify(token, publicKey, { audience: push.origin })
  expect(payload.sub).toBe('mailto:kitaab@localhost')
})

test.each([404, 410])(
  'a device of which the push service says %i is forgotten, and the others get theirs',
  async (status) => {
    const owner = await withBrowsers(['gone', 'here'])
    push.answering((device) => ({ status: device === 'gone' ? status : 201 }))
    await fire()
    expect(push.received.map(({ device }) => device)).toEqual(['here'])
    expect(await devices(owner)).toBe(1)
    push.answering(() => ({ status }))
    await fire('2026-05-02T20:00:00Z')
    expect(await devices(owner)).toBe(0)
    await fire('2026-05-03T20:00:00Z')
    expect(await world.deliveries(owner.person.userId)).toMatchObject([
      { status: 'sent' },
      { status: 'skipped', error: `http_${status}` },
      { status: 'skipped', error: 'no_device' },
    ])
  },
)

test('REM-2 a push service that is busy is asked again, no sooner than it wants; a device that took it, never', async () => {
  const owner = await withBrowsers(['busy'])
  push.answering(() => ({ status: 429, headers: { 'retry-after': '600' } }))
  await fire()
  push.answering(() => ({ status: 503 }))
  await fire('2026-05-01T20:09:00Z')
  expect(await world.deliveries(owner.person.userId)).toMatchObject([
    { status: 'waiting', error: 'http_429', attempts: 1 },
  ])
  await fire('2026-05-01T20:10:00Z')
  expect(await world.deliveries(owner.person.userId)).toMatchObject([
    { status: 'waiting', error: 'http_503', attempts: 2 },
  ])
  await owner.ask(SUBSCRIBE, { input: push.newBrowser('quick') })
  push.answering((device) => ({ status: device === 'quick' ? 201 : 503 }))
  await fire('2026-05-01T20:15:00Z')
  await fire('2026-05-01T21:30:00Z')
  expect(push.received.map(({ device }) => device)).toEqual(['quick'])
  expect(await world.deliveries(owner.person.userId)).toMatchObject([{ status: 'sent', attempts: 3 }])
})

test('REM-2 a push service that hangs up may have taken it; one that refuses has not, nor will', async () => {
  const owner = await withBrowsers(['lost'])
  push.answering(() => 'hang up')
  await fire()
  push.answering(() => ({ status: 413 }))
  await fire('2026-05-02T20:00:00Z')
  await fire('2026-05-02T21:00:00Z')
  expect(await world.deliveries(owner.person.userId)).toMatchObject([
    { status: 'unknown' },
    { status: 'failed', error: 'http_413' },
  ])
})

test('REM-2 a push service that is not there took nothing, and is asked again', async () => {
  const closed = await startPushService()
  const owner = await withBrowsers([])
  await owner.ask(SUBSCRIBE, { input: closed.newBrowser('closed') })
  await closed.stop()
  await fire()
  expect(await world.deliveries(owner.person.userId)).toMatchObject([{ status: 'waiting', error: 'econnrefused' }])
})

test('the keys of devices are sealed anew after a rotation; those that nobody can open are forgotten', async () => {
  const owner = await withBrowsers(['kept'])
  const sealed = async () =>
    (await world.ask('select sealed_keys from push_subscriptions where user_id = $1', [owner.person.userId]))[0]
  const before = await sealed()
  rotateKeys(service.home)
  await fire()
  expect(push.received).toHaveLength(1)
  await runTask(service, 'reseal_push_keys')
  const after = await sealed()
  expect(after.sealed_keys).not.toBe(before.sealed_keys)
  expect(after.sealed_keys.split('.')[1]).not.toBe(before.sealed_keys.split('.')[1])
  await runTask(service, 'reseal_push_keys')
  expect(await sealed()).toEqual(after)
  await fire('2026-05-02T20:00:00Z')
  expect(push.received).toHaveLength(2)
  rotateKeys(service.home, { forgetOld: true })
  await runTask(service, 'reseal_push_keys')
  expect(await devices(owner)).toBe(1)
  await fire('2026-05-03T20:00:00Z')
  expect(push.received).toHaveLength(2)
  expect(await devices(owner)).toBe(0)
})

test('a stored row opens for its owner and its address alone', async () => {
  const [leila, budi] = [await withBrowsers(['leilas']), await withBrowsers(['budis'])]
  await world.ask(
    `update push_subscriptions set sealed_keys = (select sealed_keys from push_subscriptions where user_id = $1) where user_id = $2`,
    [leila.person.userId, budi.person.userId],
  )
  await fire()
  expect(push.received.map(({ device }) => device)).toEqual(['leilas'])
})

test('a name that leads to a private address is connected to by nobody', async () => {
  const answer = new Promise((resolve) => {
    const request = https.request('https://localhost:1/', { lookup: lookupPublic as never, agent: false })
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end()
  })
  expect(await answer).toBe('EPRIVATE')
})

test.each([
  ['8.8.8.8', true],
  ['10.0.0.1', false],
  ['100.64.0.1', false],
  ['127.0.0.53', false],
  ['169.254.169.254', false],
  ['172.31.255.255', false],
  ['172.32.0.1', true],
  ['192.168.1.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['0.0.0.0', false],
  ['2606:4700::1111', true],
  ['::1', false],
  ['::', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::a00:1', false],
  ['2002:a00:1::', false],
  ['fc00::1', false],
  ['fe80::1', false],
  ['ff02::1', false],
  ['localhost', false],
])('of %s it is known whether anybody reaches it: %s', (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic)
})
