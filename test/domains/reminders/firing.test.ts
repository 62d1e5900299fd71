import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { type FiringWorld, newFiringWorld } from './firing-world.ts'

let service: TestService
let world: FiringWorld
beforeAll(async () => {
  service = await startService()
  world = newFiringWorld(service)
})
afterAll(async () => {
  await world.stop()
  await service.stop()
})
// What one test leaves must not be sent by the next.
afterEach(async () => {
  world.answering(() => ({ result: 'taken' }))
  world.sent.length = 0
  await service.database.admin.query('update notifications set is_active = false; delete from notification_deliveries')
})

/** Runs every hour, as many hours as are said. */
async function runFor(hours: number) {
  for (let n = 0; n < hours; n += 1) await world.later(60).run()
}

describe('a wall-clock time', () => {
  // The day on which the zone leaves the time out or shows it twice, and what the clock then says when the reminder comes.
  test.each([
    ['America/New_York', '02:30', '2026-03-08', '03:30'],
    ['Africa/Cairo', '00:30', '2026-04-24', '01:30'],
    ['Africa/Casablanca', '02:30', '2026-03-22', '03:30'],
    ['America/New_York', '01:30', '2026-11-01', '01:30'],
    ['Africa/Cairo', '23:30', '2026-10-29', '23:30'],
    ['Africa/Casablanca', '02:30', '2026-02-15', '02:30'],
    ['Australia/Lord_Howe', '02:15', '2026-10-04', '02:45'],
  ])('REM-1 in %s at %s comes once on %s and on the days around it', async (timeZone, localTime, day, clock) => {
    const [read] = await world.ask(
      `select ($1::date - 1)::timestamp at time zone $3 as start, ($1::date + $2::time) at time zone $3 as instant,
         to_char((($1::date + $2::time) at time zone $3) at time zone $3, 'HH24:MI') as clock,
         array(select (d::date + $2::time) at time zone $3 from generate_series($1::date - 1, $1::date + 1, interval '1 day') as d)::text[] as around`,
      [day, localTime, timeZone],
    )
    expect(read.clock).toBe(clock)
    await world.newReminder({ localTime }, { timeZone, from: read.start })
    world.at(read.start)
    await runFor(24 * 3 + 2)
    const days = world.sent.filter(({ date }) => Math.abs(Date.parse(date) - Date.parse(day)) <= 86_400_000)
    expect(days.map(({ date }) => date)).toEqual([-1, 0, 1].map((n) => addDays(day, n)))
    expect(days.map(({ at }) => Date.parse(at))).toEqual(
      read.around.map((instant: string) => runAfter(instant, read.start)),
    )
  })

  test('REM-1 a day that a zone left out altogether has none, and the days around it have theirs', async () => {
    const from = '2011-12-28T00:00:00Z'
    await world.newReminder({ localTime: '20:00' }, { timeZone: 'Pacific/Apia', from })
    world.at(from)
    await runFor(24 * 5)
    expect(world.sent.map(({ date }) => date)).toEqual([
      '2011-12-27',
      '2011-12-28',
      '2011-12-29',
      '2011-12-31',
      '2012-01-01',
    ])
  })

  test('REM-1 on some days of the week it comes on those alone', async () => {
    const from = '2026-05-01T00:00:00Z'
    await world.newReminder({ localTime: '08:00', weekdays: [1, 5] }, { timeZone: 'Asia/Jakarta', from })
    world.at(from)
    await runFor(24 * 11)
    expect(world.sent.map(({ date }) => date)).toEqual(['2026-05-01', '2026-05-04', '2026-05-08', '2026-05-11'])
  })
})

/** The first of the hourly runs after a start that is not before an instant. */
function runAfter(instant: string, start: string): number {
  const [from, at] = [start, instant].map((text) => Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')))
  const hour = 3_600_000
  return (from ?? 0) + Math.ceil(((at ?? 0) - (from ?? 0)) / hour) * hour
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)
}

describe('a worker that was away', () => {
  const from = '2026-05-01T12:00:00Z'

  test('REM-2 sends what is up to two hours late, leaves out what is later, and goes on with the next day', async () => {
    const prompt = await world.newReminder({ localTime: '20:00' }, { from })
    const away = await world.newReminder({ localTime: '17:00' }, { from })
    await world.at('2026-05-01T22:00:00Z').run()
    expect(world.sent.map(({ ownerId }) => ownerId)).toEqual([prompt.person.userId])
    expect(await world.deliveries(away.person.userId)).toMatchObject([
      { date: '2026-05-01', status: 'skipped', error: 'late' },
    ])
    await world.at('2026-05-02T17:00:00Z').run()
    expect(world.sent.map(({ ownerId, date }) => [ownerId, date])).toEqual([
      [prompt.person.userId, '2026-05-01'],
      [away.person.userId, '2026-05-02'],
    ])
  })

  test('REM-2 for days still sends the latest one in time, and none of those between', async () => {
    const { person } = await world.newReminder({ localTime: '20:00' }, { from })
    await world.at('2026-05-05T20:30:00Z').run()
    expect(await world.deliveries(person.userId)).toMatchObject([
      { date: '2026-05-01', status: 'skipped' },
      { date: '2026-05-05', status: 'sent' },
    ])
  })
})

describe('a change between two firings', () => {
  test('REM-2 a move across the date line brings no day a second time', async () => {
    const { person, reminder, ask, list } = await world.newReminder(
      { localTime: '20:00' },
      { timeZone: 'Pacific/Kiritimati' },
    )
    await world.at(reminder.nextFireAt).run()
    const [first] = world.sent
    await ask('mutation { updateAccount(input: { timeZone: "Pacific/Pago_Pago" }) { account { id } } }')
    const [moved] = await list()
    const [expected] = await world.ask(`select ($1::date + 1 + time '20:00') at time zone 'Pacific/Pago_Pago' as at`, [
      first?.date,
    ])
    expect(Date.parse(moved.nextFireAt)).toBe(Date.parse(expected.at))
    await runFor(24 * 4)
    const dates = world.sent.filter(({ ownerId }) => ownerId === person.userId).map(({ date }) => date)
    expect(dates.length).toBeGreaterThan(2)
    expect(dates).toEqual(dates.map((_, n) => addDays(first?.date ?? '', n)))
  })

  test('REM-2 another time of a day that was told already is for the next day', async () => {
    const { reminder, set } = await world.newReminder({ localTime: '00:00' })
    await world.at(reminder.nextFireAt).run()
    const [today] = world.sent
    const moved = await set({ reminderId: reminder.id, localTime: '23:59' })
    expect(moved.nextFireAt.slice(0, 10)).toBe(addDays(today?.date ?? '', 1))
  })

  test('what was turned off, or deleted, after it was due is not sent', async () => {
    const { person, reminder, set } = await world.newReminder({ localTime: '20:00' }, { from: '2026-05-01T12:00:00Z' })
    world.answering(() => ({ result: 'later', code: 'busy' }))
    await world.at('2026-05-01T20:00:00Z').run()
    await set({ reminderId: reminder.id, isActive: false })
    await world
      .answering(() => ({ result: 'taken' }))
      .later(5)
      .run()
    expect(world.sent).toEqual([])
    expect(await world.deliveries(person.userId)).toMatchObject([{ status: 'skipped', error: 'turned_off' }])
  })
})

describe('whether it is sent', () => {
  const from = '2026-05-01T12:00:00Z'

  test('SES-4 an address that is not confirmed gets nothing; a suspended account neither', async () => {
    const { admin } = service.database
    const unconfirmed = await world.newReminder({ localTime: '20:00' }, { from })
    const suspended = await world.newReminder({ localTime: '20:00' }, { from })
    await admin.query('update users set email_verified = false where user_id = $1', [unconfirmed.person.userId])
    await admin.query("update users set status = 'suspended' where user_id = $1", [suspended.person.userId])
    await world.at('2026-05-01T20:00:00Z').run()
    expect(world.sent).toEqual([])
    expect(await world.deliveries(unconfirmed.person.userId)).toMatchObject([{ error: 'address_not_confirmed' }])
    expect(await world.deliveries(suspended.person.userId)).toMatchObject([{ error: 'account_inactive' }])
  })

  test('REM-1 a reminder for a day with nothing recorded is not sent once there is something', async () => {
    const input = { localTime: '20:00', condition: 'IF_NOTHING_RECORDED' }
    const [empty, busy] = [await world.newReminder(input), await world.newReminder(input)]
    const { data } = await service.execute(
      `mutation { createDeed(input: { category: HASANAAT, name: "Quran", measure: COUNT, unit: "pages", items: [{ name: "Reading" }] }) {
        deed { items { id } } } }`,
      {},
      { as: busy.person },
    )
    const itemId = data.createDeed.deed.items[0].id
    const date = new Date(Date.parse(busy.reminder.nextFireAt)).toISOString().slice(0, 10)
    const record = 'mutation ($i: RecordEntryInput!) { recordEntry(input: $i) { entry { id } } }'
    const { entry } = (await busy.ask(record, { i: { itemId, date, count: '0' } })).recordEntry
    await world.at(busy.reminder.nextFireAt).run()
    expect(world.sent.map(({ ownerId }) => ownerId)).toEqual([empty.person.userId])
    expect(await world.deliveries(busy.person.userId)).toMatchObject([{ status: 'skipped', error: 'recorded' }])
    await busy.ask('mutation ($e: ID!) { clearEntry(input: { entryId: $e }) { date } }', { e: entry.id })
    await runFor(24)
    expect(world.sent.map(({ ownerId }) => ownerId).sort()).toEqual(
      [empty.person.userId, empty.person.userId, busy.person.userId].sort(),
    )
  })

  test('REM-2 each channel has its own message', async () => {
    const { person } = await world.newReminder({ localTime: '20:00', channels: ['EMAIL', 'PUSH'] }, { from })
    await world.at('2026-05-01T20:00:00Z').run()
    await world.later(1).run()
    expect(world.sent.map(({ channel }) => channel).sort()).toEqual(['email', 'push'])
    expect(await world.deliveries(person.userId)).toHaveLength(2)
  })
})

test('REM-2 many workers at once send each message once', async () => {
  const from = '2026-05-01T12:00:00Z'
  const owners: string[] = []
  for (let n = 0; n < 15; n += 1) {
    const { person } = await world.newReminder({ localTime: '20:00', channels: ['EMAIL', 'PUSH'] }, { from })
    owners.push(person.userId)
  }
  world.at('2026-05-01T20:00:00Z')
  await Promise.all([world.run(), world.run(), world.run()])
  const told = world.sent.map(({ ownerId, channel }) => `${ownerId} ${channel}`)
  expect(told.sort()).toEqual(owners.flatMap((id) => [`${id} email`, `${id} push`]).sort())
})
