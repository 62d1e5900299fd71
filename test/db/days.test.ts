import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newDeed, newItem, newWorld, only, record, refusal, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())

async function civilDate(instant: string, zone: string, dayStart = 0): Promise<string> {
  return only(await world.admin('select civil_date($1, $2, $3)', [instant, zone, dayStart]))
}

async function dayStartsAt(day: string, zone: string, dayStart = 0): Promise<string> {
  const [row] = await world.admin(
    `select to_char(day_starts_at($1, $2, $3) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    [day, zone, dayStart],
  )
  return row?.at.replace('.000000', '')
}

describe('days worked out by hand', () => {
  test.each([
    // A plain zone: the day begins with the start of the day.
    ['2024-05-05T01:30:00Z', 'UTC', 180, '2024-05-04'],
    ['2024-05-05T02:59:59.999999Z', 'UTC', 180, '2024-05-04'],
    ['2024-05-05T03:00:00Z', 'UTC', 180, '2024-05-05'],
    ['2024-05-05T17:59:59Z', 'UTC', -360, '2024-05-05'],
    ['2024-05-05T18:00:00Z', 'UTC', -360, '2024-05-06'],
    // Cairo's summer time begins at midnight: 24:00 of the 25th is 01:00 of the 26th.
    ['2024-04-25T21:59:59Z', 'Africa/Cairo', 0, '2024-04-25'],
    ['2024-04-25T22:00:00Z', 'Africa/Cairo', 0, '2024-04-26'],
    ['2024-04-25T22:00:00Z', 'Africa/Cairo', 30, '2024-04-26'],
    // It ends at 24:00 of the 31st, which is 23:00 once more.
    ['2024-10-31T20:59:59Z', 'Africa/Cairo', 0, '2024-10-31'],
    ['2024-10-31T21:59:59Z', 'Africa/Cairo', 0, '2024-10-31'],
    ['2024-10-31T22:00:00Z', 'Africa/Cairo', 0, '2024-11-01'],
    // Casablanca is an hour ahead, but not in Ramadan (10 March to 14 April 2024).
    ['2024-03-08T23:30:00Z', 'Africa/Casablanca', 0, '2024-03-09'],
    ['2024-03-20T23:30:00Z', 'Africa/Casablanca', 0, '2024-03-20'],
    ['2024-04-20T23:30:00Z', 'Africa/Casablanca', 0, '2024-04-21'],
    // The first and nearly the last to see a day: 14 hours ahead, 11 behind.
    ['2024-01-01T09:59:59Z', 'Pacific/Kiritimati', 0, '2024-01-01'],
    ['2024-01-01T10:00:00Z', 'Pacific/Kiritimati', 0, '2024-01-02'],
    ['2024-01-01T10:59:59Z', 'Pacific/Pago_Pago', 0, '2023-12-31'],
    ['2024-01-01T11:00:00Z', 'Pacific/Pago_Pago', 0, '2024-01-01'],
    // Lord Howe's summer time is half an hour: 11 hours ahead, else 10:30.
    ['2024-01-01T12:59:59Z', 'Australia/Lord_Howe', 0, '2024-01-01'],
    ['2024-01-01T13:00:00Z', 'Australia/Lord_Howe', 0, '2024-01-02'],
    ['2024-07-01T13:29:59Z', 'Australia/Lord_Howe', 0, '2024-07-01'],
    ['2024-07-01T13:30:00Z', 'Australia/Lord_Howe', 0, '2024-07-02'],
  ])('DAY-1 at %s in %s with the day starting at %i minutes it is %s', async (instant, zone, dayStart, day) => {
    expect(await civilDate(instant, zone, dayStart)).toBe(day)
  })

  test('DAY-2 a day that began before clocks were set back has begun', async () => {
    // Lord Howe, 7 April 2024: 02:00 is 01:30 again. The day that starts at 01:45 started before.
    expect(await civilDate('2024-04-06T14:44:59Z', 'Australia/Lord_Howe', 105)).toBe('2024-04-06')
    expect(await civilDate('2024-04-06T14:45:00Z', 'Australia/Lord_Howe', 105)).toBe('2024-04-07')
    expect(await civilDate('2024-04-06T15:05:00Z', 'Australia/Lord_Howe', 105)).toBe('2024-04-07')
    expect(await dayStartsAt('2024-04-07', 'Australia/Lord_Howe', 105)).toBe('2024-04-06T14:45:00Z')
    // Cairo, with the day starting half an hour before midnight.
    expect(await dayStartsAt('2024-11-01', 'Africa/Cairo', -30)).toBe('2024-10-31T20:30:00Z')
    expect(await civilDate('2024-10-31T21:15:00Z', 'Africa/Cairo', -30)).toBe('2024-11-01')
  })

  test.each([
    ['2024-05-05', 'UTC', 180, '2024-05-05T03:00:00Z'],
    ['2024-05-06', 'UTC', -360, '2024-05-05T18:00:00Z'],
    ['2024-04-26', 'Africa/Cairo', 0, '2024-04-25T22:00:00Z'],
    ['2024-04-26', 'Africa/Cairo', 30, '2024-04-25T22:00:00Z'],
    ['2024-04-26', 'Africa/Cairo', 90, '2024-04-25T22:30:00Z'],
    ['2024-11-01', 'Africa/Cairo', 0, '2024-10-31T22:00:00Z'],
    // Apia left out 30 December 2011.
    ['2011-12-30', 'Pacific/Apia', 0, '2011-12-30T10:00:00Z'],
    ['2011-12-31', 'Pacific/Apia', 0, '2011-12-30T10:00:00Z'],
  ])('DAY-2 %s in %s with the day starting at %i minutes begins at %s', async (day, zone, dayStart, instant) => {
    expect(await dayStartsAt(day, zone, dayStart)).toBe(instant)
  })
})

/** Each minute for six hours around every change of a zone's clocks in a year, and every seventh hour of it. */
const instants = `
  with hours as (
    select hour, (hour at time zone $1) - (hour at time zone 'UTC') as ahead
    from generate_series(make_timestamptz($2, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz($2 + 1, 1, 1, 0, 0, 0, 'UTC'), '1 hour') as hour
  ), changes as (
    select hour from (select hour, ahead, lag(ahead) over (order by hour) as was from hours) as compared where ahead <> was
  ), instants as (
    select hour + make_interval(mins => minute) as instant from changes, generate_series(-360, 360) as minute
    union
    select hour from hours where extract(epoch from hour)::bigint / 3600 % 7 = 0
  ), days as (
    select instant, civil_date(instant, $1, $3) as day,
      ((instant at time zone $1) - make_interval(mins => $3))::date as by_formula, (instant at time zone $1)::date as on_the_wall
    from instants
  )`

describe('any zone, year and start of the day', () => {
  let zones: string[]
  beforeAll(async () => {
    zones = (await world.admin("select name from pg_timezone_names where name not like 'posix%' order by name")).map(
      (row) => row.name,
    )
  })

  function forAnyZone(holds: (zone: string, year: number, dayStart: number) => Promise<void>) {
    const inputs = [
      // Half of the time a zone whose clocks change in ways that are easy to get wrong.
      fc.oneof(
        fc.constantFrom(
          'Africa/Cairo',
          'Africa/Casablanca',
          'Australia/Lord_Howe',
          'America/St_Johns',
          'Antarctica/Troll',
          'America/Toronto',
        ),
        fc.nat().map((n) => zones[n % zones.length] ?? 'UTC'),
      ),
      fc.integer({ min: 1975, max: 2036 }),
      fc.integer({ min: -720, max: 720 }),
    ] as const
    return fc.assert(fc.asyncProperty(...inputs, holds), { numRuns: 40 })
  }

  test(
    'DAY-2 the date never falls while time rises, and is never off by more than a day',
    () =>
      forAnyZone(async (zone, year, dayStart) => {
        const wrong = await world.admin(
          `${instants}
         select * from (select *, lag(day) over (order by instant) as before from days) as compared
         where day < before or abs(day - on_the_wall) > 1`,
          [zone, year, dayStart],
        )
        expect(wrong).toEqual([])
      }),
    30_000,
  )

  test(
    'DAY-1 the date is the formula’s, or a day that the formula gave within the hours before',
    () =>
      forAnyZone(async (zone, year, dayStart) => {
        const wrong = await world.admin(
          `${instants}
         select * from days
         where day <> by_formula and not exists (
           select from days as earlier
           where earlier.instant between days.instant - interval '3 hours' and days.instant and earlier.by_formula = days.day
         )`,
          [zone, year, dayStart],
        )
        expect(wrong).toEqual([])
      }),
    30_000,
  )

  test(
    'DAY-2 a day starts at the first instant that is in it',
    () =>
      forAnyZone(async (zone, year, dayStart) => {
        const wrong = await world.admin(
          `${instants}, starts as (select day, day_starts_at(day, $1, $3) as start from (select distinct day from days) as distinct_days)
         select * from starts
         where civil_date(start, $1, $3) < day or civil_date(start - interval '1 microsecond', $1, $3) >= day`,
          [zone, year, dayStart],
        )
        expect(wrong).toEqual([])
      }),
    30_000,
  )
})

test('DAY-2 a zone is one that PostgreSQL knows by name', async () => {
  const leila = await world.newPerson('leila', 'Africa/Cairo')
  const move = (zone: string) => leila.query('update users set time_zone = $2 where user_id = $1', [leila.id, zone])
  expect(await refusal(move('Mars/Phobos'))).toBe('KT400 unknown_time_zone')
  expect(await refusal(move('EST5EDT4'))).toBe('KT400 unknown_time_zone')
  expect(await refusal(world.newPerson('nobody', 'Nowhere'))).toBe('KT400 unknown_time_zone')
  expect(await refusal(move('Asia/Jakarta'))).toBe('accepted')
})

test('DAY-3 another zone or start of the day changes what today is, and no date that was recorded', async () => {
  const budi = await world.newPerson('budi', 'Asia/Jakarta')
  const reading = await newItem(budi, await newDeed(budi, 'Reading'), 'Pages')
  await record(budi, budi, reading, '2026-03-01', 4)
  const changes = (dayStart: number, zone: string) =>
    budi.query('update users set time_zone = $2, day_start_minutes = $3 where user_id = $1', [budi.id, zone, dayStart])
  const today = async () => {
    const [row] = await budi.query(
      `select owner_today($1) as today, owner_today_ends_at($1) > now() as still, civil_date(owner_today_ends_at($1), time_zone, day_start_minutes) as next,
         civil_date(now(), time_zone, day_start_minutes) as expected from users where user_id = $1`,
      [budi.id],
    )
    expect(row?.today).toBe(row?.expected)
    expect(row?.still).toBe(true)
    expect(new Date(`${row?.next}`).getTime() - new Date(`${row?.today}`).getTime()).toBe(86_400_000)
    return row?.today
  }
  await changes(-720, 'Pacific/Kiritimati')
  const east = await today()
  await changes(720, 'Pacific/Pago_Pago')
  const west = await today()
  // 14 + 12 hours ahead against 11 + 12 behind: always two days, or three.
  expect((new Date(east).getTime() - new Date(west).getTime()) / 86_400_000).toBeGreaterThanOrEqual(2)
  expect(await budi.query('select entry_date from entries where user_id = $1', [budi.id])).toEqual([
    { entry_date: '2026-03-01' },
  ])
  expect(await refusal(changes(721, 'UTC'))).toBe('23514 users_day_start_check')
})

test('SHA-8 the day of somebody whom the viewer may not see is not told', async () => {
  const maryam = await world.newPerson('maryam', 'America/Toronto')
  const stranger = await world.newPerson('stranger')
  expect(await stranger.query('select owner_today($1) as today, owner_today_ends_at($1) as ends', [maryam.id])).toEqual(
    [{ today: null, ends: null }],
  )
})
