import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
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

const zones = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/New_York',
  'America/Santiago',
  'America/Nuuk',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Europe/Dublin',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
]
const minutesInAYear = 365 * 24 * 60
const twoHours = 2 * 3600_000

const situations = fc.record({
  zone: fc.constantFrom(...zones),
  localTime: fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minutes) => clockOf(minutes)),
  weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
  // 2011 with the day that Apia left out, and years with the changes of clocks of other zones.
  start: fc
    .record({ year: fc.constantFrom(2011, 2024, 2026), minute: fc.integer({ min: 0, max: minutesInAYear }) })
    .map(({ year, minute }) => Date.UTC(year, 0, 1) + minute * 60_000),
  // Minutes between runs: mostly short, now and then hours or days.
  steps: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 119 }) },
      { weight: 2, arbitrary: fc.integer({ min: 120, max: 1500 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1500, max: 6000 }) },
    ),
    { minLength: 5, maxLength: 25 },
  ),
})

function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** When it should come, by the words of the rule: each day that the zone has, at the instant that PostgreSQL reads. */
async function expectedFirings(zone: string, localTime: string, weekdays: number[], from: number, to: number) {
  const rows = await world.ask(
    `select day::date as date, (day::date + $2::time) at time zone $1 as at
     from generate_series($3::timestamptz::date - 2, $4::timestamptz::date + 2, interval '1 day') as day
     where extract(isodow from day) = any($5::int[]) and exists (
       select from generate_series(0, 23) as hour
       where (((day::date + make_interval(hours => hour)) at time zone $1) at time zone $1)::date = day::date
     )`,
    [zone, localTime, new Date(from).toISOString(), new Date(to).toISOString(), weekdays],
  )
  return rows
    .map(({ date, at }) => ({
      date: String(date),
      at: Date.parse(
        String(at)
          .replace(' ', 'T')
          .replace(/([+-]\d\d)$/, '$1:00'),
      ),
    }))
    .filter(({ at }) => at > from && at <= to)
}

test('REM-2 for any zone, time, days and runs: at most one for a date, none missed that a run came in time for, none too late', async () => {
  const { person, reminderId } = await world.newReminder({ localTime: '12:00' })
  await fc.assert(
    fc.asyncProperty(situations, async ({ zone, localTime, weekdays, start, steps }) => {
      world.sent.length = 0
      await service.database.admin.query('delete from notification_deliveries')
      // The clocks of the runs before were set to other years.
      await service.database.admin.query('update notifications set last_fired_on = null')
      await service.database.admin.query('update users set time_zone = $2 where user_id = $1', [person.userId, zone])
      await service.database.admin.query('update notifications set local_time = $1, weekdays = $2', [
        localTime,
        [...weekdays].sort(),
      ])
      await world.startAt(reminderId, new Date(start).toISOString())
      world.at(new Date(start))
      const runs: number[] = []
      let now = start
      for (const step of steps) {
        now += step * 60_000
        runs.push(now)
        await world.later(step).run()
      }
      const expected = await expectedFirings(zone, localTime, weekdays, start, now)
      const inTime = expected.flatMap(({ date, at }) => {
        const run = runs.find((one) => one >= at)
        return run !== undefined && run - at <= twoHours ? [{ date, at: new Date(run).toISOString() }] : []
      })
      expect(world.sent.map(({ date, at }) => ({ date, at }))).toEqual(inTime)
    }),
    { numRuns: 40 },
  )
}, 60_000)
