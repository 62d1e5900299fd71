import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'
import { DELETE, remindersOf, SET } from './reminder-requests.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const newOwner = async (name = 'leila', timeZone = 'Africa/Cairo') => {
  const person = await newUser(service.database, name, { timeZone })
  return { person, ...remindersOf(service, person) }
}

test('REM-1 a reminder comes at its time on the wall clock of its owner, as PostgreSQL reads it', async () => {
  const { set, list } = await newOwner()
  const made = await set({ localTime: '21:30' })
  expect(made).toMatchObject({
    localTime: '21:30',
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    condition: 'ALWAYS',
    channels: ['EMAIL'],
    title: null,
    isActive: true,
    version: 1,
  })
  const { rows } = await service.database.admin.query(
    `select to_char($1::timestamptz at time zone 'Africa/Cairo', 'HH24:MI') as clock,
       $1::timestamptz > now() and $1::timestamptz <= now() + interval '1 day 1 hour' as soon`,
    [made.nextFireAt],
  )
  expect(rows).toEqual([{ clock: '21:30', soon: true }])
  expect(await list()).toEqual([made])
})

test('what is left out stays, what is said changes, and each change is a version', async () => {
  const { set } = await newOwner()
  const made = await set({
    localTime: '21:30',
    title: 'Evening',
    channels: ['PUSH', 'EMAIL', 'PUSH'],
    weekdays: [5, 1, 5],
  })
  expect(made).toMatchObject({ title: 'Evening', channels: ['EMAIL', 'PUSH'], weekdays: [1, 5] })
  const changed = await set({ reminderId: made.id, condition: 'IF_NOTHING_RECORDED', title: null, expectedVersion: 1 })
  expect(changed).toEqual({ ...made, condition: 'IF_NOTHING_RECORDED', title: null, version: 2 })
  const off = await set({ reminderId: made.id, isActive: false })
  expect(off).toMatchObject({ isActive: false, nextFireAt: null, version: 3 })
  expect(await set({ reminderId: made.id, isActive: true })).toMatchObject({ nextFireAt: made.nextFireAt, version: 4 })
  expect(await set({ reminderId: made.id })).toMatchObject({ version: 4 })
})

test('REM-1 one active reminder for every day; for fewer days, and turned off, there may be others', async () => {
  const { person, set } = await newOwner()
  const daily = await set({ localTime: '21:30' })
  const again = await service.execute(SET, { input: { localTime: '08:00' } }, { as: person })
  expect(outcome(again)).toBe('CONFLICT DAILY_REMINDER_EXISTS')
  expect(again.errors?.[0]?.extensions.reminderId).toBe(daily.id)
  const friday = await set({ localTime: '08:00', weekdays: [5] })
  await set({ localTime: '08:00', isActive: false })
  const widened = { reminderId: friday.id, weekdays: [1, 2, 3, 4, 5, 6, 7] }
  expect(outcome(await service.execute(SET, { input: widened }, { as: person }))).toBe('CONFLICT DAILY_REMINDER_EXISTS')
  await set({ reminderId: daily.id, isActive: false })
  expect(await set(widened)).toMatchObject({ isActive: true })
})

test('REM-1 of two daily reminders made at once one is refused', async () => {
  const { person, list } = await newOwner()
  const make = () => service.execute(SET, { input: { localTime: '21:30' } }, { as: person })
  const outcomes = (await Promise.all([make(), make(), make()])).map(outcome)
  expect(outcomes.sort()).toEqual(['CONFLICT DAILY_REMINDER_EXISTS', 'CONFLICT DAILY_REMINDER_EXISTS', 'ok'])
  expect(await list()).toHaveLength(1)
})

test('REM-1 time and zone can be changed after a worker whose clock was weeks ahead fired it', async () => {
  const { person, set } = await newOwner()
  const made = await set({ localTime: '21:30' })
  const { admin } = service.database
  await admin.query('update notifications set last_fired_on = current_date + 60 where notification_id = $1', [
    fromGlobalId('Reminder', made.id).reminderId,
  ])
  const next = async () => {
    const { rows } = await admin.query(
      'select next_fire_on - last_fired_on as days from notifications where user_id = $1',
      [person.userId],
    )
    return rows[0].days
  }
  expect(await set({ reminderId: made.id, localTime: '20:00' })).toMatchObject({ localTime: '20:00', isActive: true })
  expect(await next()).toBe(1)
  const MOVE = `mutation { updateAccount(input: { timeZone: "Asia/Jakarta" }) { account { id } } }`
  expect(outcome(await service.execute(MOVE, {}, { as: person }))).toBe('ok')
  expect(await next()).toBe(1)
})

test.each([
  ['no time', { title: 'When?' }, 'BAD_USER_INPUT INVALID_REMINDER'],
  ['no weekday', { localTime: '08:00', weekdays: [] }, 'BAD_USER_INPUT INVALID_REMINDER'],
  ['an eighth weekday', { localTime: '08:00', weekdays: [8] }, 'BAD_USER_INPUT INVALID_REMINDER'],
  ['no channel', { localTime: '08:00', channels: [] }, 'BAD_USER_INPUT INVALID_REMINDER'],
  ['24:00', { localTime: '24:00' }, 'BAD_USER_INPUT INVALID_VARIABLE'],
  ['null for a channel', { localTime: '08:00', channels: null }, 'BAD_USER_INPUT CANNOT_BE_NULL'],
  ['a blank title', { localTime: '08:00', title: ' ' }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['a title of two lines', { localTime: '08:00', title: 'a\nBcc: b' }, 'BAD_USER_INPUT INVALID_REMINDER'],
])('a reminder with %s is refused', async (_what, input, expected) => {
  const { person } = await newOwner()
  expect(outcome(await service.execute(SET, { input }, { as: person }))).toBe(expected)
})

test('there are 20 reminders at most, and a deleted one makes room', async () => {
  const { person, set, list } = await newOwner()
  for (let n = 0; n < 20; n += 1) await set({ localTime: `0${n % 10}:00`, weekdays: [1] })
  const input = { localTime: '12:00', weekdays: [1] }
  expect(outcome(await service.execute(SET, { input }, { as: person }))).toBe('CONFLICT TOO_MANY')
  const [first] = await list()
  const { data } = await service.execute(DELETE, { input: { reminderId: first.id } }, { as: person })
  expect(data.deleteReminder.account.reminders).toHaveLength(19)
  expect(outcome(await service.execute(SET, { input }, { as: person }))).toBe('ok')
  expect(outcome(await service.execute(DELETE, { input: { reminderId: first.id } }, { as: person }))).toBe('NOT_FOUND')
})

test("somebody else's reminder is not there, to read, change or delete; a stale version changes nothing", async () => {
  const { set, person } = await newOwner()
  const budi = await newUser(service.database, 'budi')
  const made = await set({ localTime: '21:30' })
  const asBudi = (query: string, variables: Record<string, unknown>) => service.execute(query, variables, { as: budi })
  expect(outcome(await asBudi('query ($id: ID!) { node(id: $id) { id } }', { id: made.id }))).toBe('NOT_FOUND')
  expect(outcome(await asBudi(SET, { input: { reminderId: made.id, title: 'mine' } }))).toBe('NOT_FOUND')
  expect(outcome(await asBudi(DELETE, { input: { reminderId: made.id } }))).toBe('NOT_FOUND')
  const stale = { reminderId: made.id, expectedVersion: 7 }
  expect(outcome(await service.execute(SET, { input: stale }, { as: person }))).toBe('CONFLICT STALE_VERSION')
  expect(outcome(await service.execute(DELETE, { input: stale }, { as: person }))).toBe('CONFLICT STALE_VERSION')
  const { data } = await service.execute(
    'query ($id: ID!) { node(id: $id) { ... on Reminder { localTime version } } }',
    { id: made.id },
    { as: person },
  )
  expect(data.node).toEqual({ localTime: '21:30', version: 1 })
})

test('REM-1 a new zone moves what is still to come to the same time of its own clock', async () => {
  const { set, list, ask } = await newOwner()
  await set({ localTime: '21:30' })
  await set({ localTime: '03:00', weekdays: [2], isActive: false })
  await ask('mutation { updateAccount(input: { timeZone: "Asia/Jakarta" }) { account { id } } }')
  const [off, moved] = await list()
  const { rows } = await service.database.admin.query(
    `select to_char($1::timestamptz at time zone 'Asia/Jakarta', 'HH24:MI') as clock`,
    [moved.nextFireAt],
  )
  expect(rows).toEqual([{ clock: '21:30' }])
  expect(moved.version).toBe(1)
  expect(off.nextFireAt).toBeNull()
})

test('who is told of completed goals by what is the choice of each', async () => {
  const { ask } = await newOwner()
  const choose =
    'mutation ($c: [NotificationChannel!]!) { setGoalNotices(input: { channels: $c }) { account { goalNotices } } }'
  expect((await ask('{ me { goalNotices } }')).me.goalNotices).toEqual(['EMAIL', 'PUSH'])
  expect((await ask(choose, { c: ['PUSH'] })).setGoalNotices.account.goalNotices).toEqual(['PUSH'])
  expect((await ask(choose, { c: [] })).setGoalNotices.account.goalNotices).toEqual([])
  expect((await ask('{ me { goalNotices } }')).me.goalNotices).toEqual([])
})
