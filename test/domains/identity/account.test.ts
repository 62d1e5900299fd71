import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newUser } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from './people.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const update =
  'mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { account { version timeZone dayStartMinutes weekStart locale metadata user { username fullName today } } } }'

test('what is left out of an update stays, null removes the username, and an unchanged one keeps the version', async () => {
  const leila = await newUser(service.database, 'Leila', { timeZone: 'Africa/Cairo' })
  const send = async (input: object) =>
    (await service.execute(update, { input }, { as: leila })).data.updateAccount.account
  const first = await send({ username: 'leila', weekStart: 6, metadata: { theme: 'dark' } })
  expect(first).toMatchObject({ version: 2, timeZone: 'Africa/Cairo', weekStart: 6, metadata: { theme: 'dark' } })
  expect(first.user).toMatchObject({ username: 'leila', fullName: 'Leila' })
  expect((await send({ weekStart: 6 })).version).toBe(2)
  expect((await send({ username: null, locale: 'ar-EG' })).user.username).toBeNull()
})

test('DAY-3 changing the zone or the start of the day changes today, and nothing else', async () => {
  const budi = await newUser(service.database, 'Budi')
  const today = async (input: object) =>
    (await service.execute(update, { input }, { as: budi })).data.updateAccount.account.user.today
  // Noon and midnight are 25 hours apart from Pago Pago to Kiritimati: never the same day.
  const [west, east] = [await today({ timeZone: 'Pacific/Pago_Pago' }), await today({ timeZone: 'Pacific/Kiritimati' })]
  expect(west < east).toBe(true)
  const { rows } = await service.database.admin.query(
    "select civil_date(now(), 'Pacific/Kiritimati', 720)::text as later",
    [],
  )
  expect(await today({ dayStartMinutes: 720 })).toBe(rows[0].later)
})

test.each([
  [{ timeZone: 'Atlantis/Capital' }, 'BAD_USER_INPUT UNKNOWN_TIME_ZONE'],
  [{ dayStartMinutes: 721 }, 'BAD_USER_INPUT'],
  [{ dayStartMinutes: -721 }, 'BAD_USER_INPUT'],
  [{ weekStart: 0 }, 'BAD_USER_INPUT'],
  [{ weekStart: 8 }, 'BAD_USER_INPUT'],
  [{ username: 'ab' }, 'BAD_USER_INPUT INVALID_TEXT'],
  [{ fullName: '' }, 'BAD_USER_INPUT INVALID_TEXT'],
  [{ fullName: 'x'.repeat(201) }, 'BAD_USER_INPUT INVALID_TEXT'],
])('an update with %j is refused', async (input, expected) => {
  const person = await newUser(service.database, 'refused')
  expect(outcome(await service.execute(update, { input }, { as: person }))).toBe(expected)
})

test('a username of somebody else is refused', async () => {
  const [one, other] = [await newUser(service.database, 'one'), await newUser(service.database, 'other')]
  expect(outcome(await service.execute(update, { input: { username: 'taken' } }, { as: one }))).toBe('ok')
  expect(outcome(await service.execute(update, { input: { username: 'TAKEN' } }, { as: other }))).toBe(
    'CONFLICT DUPLICATE_USERNAME',
  )
})

test('an expected version that is not the current one is refused with the current one', async () => {
  const person = await newUser(service.database, 'stale')
  await service.execute(update, { input: { fullName: 'New', expectedVersion: 1 } }, { as: person })
  const { errors } = await service.execute(update, { input: { fullName: 'Newer', expectedVersion: 1 } }, { as: person })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'STALE_VERSION', currentVersion: 2 })
})

test('SHA-8 a stranger is not found, and neither is their account', async () => {
  const [leila, stranger] = [await newUser(service.database, 'Leila'), await newUser(service.database, 'stranger')]
  const ask = 'query ($id: ID!) { user(id: $id) { fullName } }'
  expect((await service.execute(ask, { id: leila.globalId }, { as: leila })).data.user.fullName).toBe('Leila')
  const refused = await service.execute(ask, { id: leila.globalId }, { as: stranger })
  expect(refused.data).toEqual({ user: null })
  expect(outcome(refused)).toBe('NOT_FOUND')
  const me = await service.execute('{ me { id user { id } } }', {}, { as: leila })
  const { data } = await service.execute(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    { ids: [me.data.me.id, me.data.me.user.id] },
    { as: stranger },
  )
  expect(data.nodes).toEqual([null, null])
})
