import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runTask } from '../../support/jobs.ts'
import { newUser } from '../../support/people.ts'
import { startService, type TestService, type TestUser } from '../../support/service.ts'
import { newRecorder, type Recorder, record } from './world.ts'

let service: TestService
let analyst: TestUser
let people: Recorder[]

beforeAll(async () => {
  service = await startService()
  analyst = { ...(await newUser(service.database, 'amina')), role: 'analyst' }
  await service.database.admin.query("update users set role = 'analyst' where user_id = $1", [analyst.userId])
  people = []
  for (let index = 0; index < 13; index += 1) people.push(await newRecorder(service.database, `person${index}`))
})
afterAll(() => service.stop())

const totals = `query Totals($range: DateRange, $by: CalendarUnit) { analytics { asOf totals(range: $range, by: $by) {
  from to category isSuppressed people entryCount recordedDays averageScore } } }`

async function asked(by: string, from: string, to: string) {
  await runTask(service, 'keep_statistics')
  const { data, errors } = await service.execute(totals, { range: { from, to }, by }, { as: analyst })
  expect(errors).toBeUndefined()
  return data.analytics.totals
}

async function eachRecords(count: number, day: string, value: number): Promise<void> {
  for (const person of people.slice(0, count)) await record(service.database, person, { day, value })
}

const shown = { category: 'HASANAAT', isSuppressed: false }
const suppressed = { isSuppressed: true, people: null, entryCount: null, recordedDays: null, averageScore: null }

test('before the worker ran there is nothing, and no instant as of which', async () => {
  const { data } = await service.execute(totals, {}, { as: analyst })
  expect(data).toEqual({ analytics: { asOf: null, totals: [] } })
})

test('ten people are told of, by day, week and month, each period whole', async () => {
  await eachRecords(10, '2026-01-06', 2)
  await eachRecords(10, '2026-01-07', 1)
  const day = { ...shown, people: 10, entryCount: 10, recordedDays: 10 }
  expect(await asked('DAY', '2026-01-06', '2026-01-07')).toEqual([
    { ...day, from: '2026-01-06', to: '2026-01-06', averageScore: '1' },
    { ...day, from: '2026-01-07', to: '2026-01-07', averageScore: '0.5' },
  ])
  const both = { ...shown, people: 10, entryCount: 20, recordedDays: 20, averageScore: '0.75' }
  expect(await asked('WEEK', '2026-01-11', '2026-01-30')).toEqual([{ ...both, from: '2026-01-05', to: '2026-01-11' }])
  expect(await asked('MONTH', '2026-01-31', '2026-02-01')).toEqual([{ ...both, from: '2026-01-01', to: '2026-01-31' }])
})

test('nine people are not', async () => {
  await eachRecords(9, '2026-02-03', 2)
  const of = (from: string, to: string) => [{ ...suppressed, category: 'HASANAAT', from, to }]
  expect(await asked('DAY', '2026-02-01', '2026-02-28')).toEqual(of('2026-02-03', '2026-02-03'))
  expect(await asked('WEEK', '2026-02-03', '2026-02-03')).toEqual(of('2026-02-02', '2026-02-08'))
  expect(await asked('MONTH', '2026-02-03', '2026-02-03')).toEqual(of('2026-02-01', '2026-02-28'))
})

test('a month of days that all are of too few is told of, when together they are of ten', async () => {
  for (const [index, person] of people.slice(0, 10).entries())
    await record(service.database, person, { day: `2026-03-${10 + index}`, value: 1 })
  const days = await asked('DAY', '2026-03-01', '2026-03-31')
  expect(days).toHaveLength(10)
  expect(days.every(({ isSuppressed }: { isSuppressed: boolean }) => isSuppressed)).toBe(true)
  expect(await asked('MONTH', '2026-03-01', '2026-03-31')).toEqual([
    {
      ...shown,
      from: '2026-03-01',
      to: '2026-03-31',
      people: 10,
      entryCount: 10,
      recordedDays: 10,
      averageScore: '0.5',
    },
  ])
})

test('the one day of too few can not be had by taking the other days from the month, or from the week', async () => {
  await eachRecords(11, '2026-05-12', 2)
  await eachRecords(10, '2026-05-20', 2)
  await eachRecords(1, '2026-05-14', 0)
  const days = await asked('DAY', '2026-05-01', '2026-05-31')
  // The 20th goes with the 14th: it is the day of the fewest people that could be shown.
  expect(days).toMatchObject([
    { from: '2026-05-12', isSuppressed: false, people: 11 },
    { from: '2026-05-14', ...suppressed },
    { from: '2026-05-20', ...suppressed },
  ])
  expect(await asked('WEEK', '2026-05-11', '2026-05-17')).toMatchObject([suppressed])
  expect(await asked('MONTH', '2026-05-01', '2026-05-31')).toMatchObject([{ people: 11, entryCount: 22 }])
})

test('an average of fewer than ten people is withheld, be it among many', async () => {
  const { database } = service
  // Deeds in hasanaat that are counted have no score.
  for (const person of people) {
    const { rows } = await database.admin.query(
      `with deed as (insert into deeds (user_id, category_type, name, measure_type, unit) values ($1, 'hasanaat', 'Quran', 'count', 'pages') returning deed_id)
       insert into deed_items (user_id, deed_id, level, name) select $1, deed_id, 1, 'Recitation' from deed returning deed_item_id`,
      [person.userId],
    )
    await record(database, person, { day: '2026-06-10', count: 3, item: rows[0].deed_item_id })
  }
  await eachRecords(9, '2026-06-10', 2)
  expect(await asked('MONTH', '2026-06-01', '2026-06-30')).toMatchObject([
    { people: 13, entryCount: 22, recordedDays: 13, averageScore: null },
  ])
  expect(await asked('DAY', '2026-06-10', '2026-06-10')).toMatchObject([{ people: 13, averageScore: null }])
})

test('suspended people are left out until they are reinstated, and what is private always', async () => {
  const { admin } = service.database
  const month = () => asked('MONTH', '2026-07-01', '2026-07-01')
  await eachRecords(11, '2026-07-15', 2)
  expect(await month()).toMatchObject([{ people: 11 }])
  await admin.query("update users set status = 'suspended' where user_id = $1", [people[0]?.userId])
  expect(await month()).toMatchObject([{ people: 10 }])
  await admin.query('update deed_items set is_private = true where deed_item_id = $1', [people[1]?.prayer])
  expect(await month()).toMatchObject([suppressed])
  await admin.query("update users set status = 'active' where user_id = $1", [people[0]?.userId])
  expect(await month()).toMatchObject([{ people: 10 }])
  await admin.query('update deed_items set is_private = false where deed_item_id = $1', [people[1]?.prayer])
  expect(await month()).toMatchObject([{ people: 11 }])
})

test('a run without news writes nothing but the instant', async () => {
  const { admin } = service.database
  await runTask(service, 'keep_statistics')
  const state = async () => {
    const { rows } = await admin.query(
      `select (select array_agg(xmin::text || ctid) from reporting.totals) as totals,
         (select array_agg(xmin::text || ctid) from reporting.daily_stats) as days, (select kept_at from reporting.keeping) as kept`,
    )
    return rows[0]
  }
  const before = await state()
  await runTask(service, 'keep_statistics')
  const after = await state()
  expect({ ...after, kept: null }).toEqual({ ...before, kept: null })
  expect(after.kept > before.kept).toBe(true)
})

test('DAY-6 wide and reversed ranges are refused', async () => {
  const refusal = async (range: object) =>
    (await service.execute(totals, { range }, { as: analyst })).errors?.[0]?.extensions.reason
  expect(await refusal({ from: '2016-01-01', to: '2026-01-09' })).toBe('RANGE_TOO_WIDE')
  expect(await refusal({ from: '2026-01-02', to: '2026-01-01' })).toBe('RANGE_REVERSED')
})

test.each(['member', 'support', 'admin'] as const)('%s may not ask', async (role) => {
  const other = { ...(await newUser(service.database, role)), role }
  await service.database.admin.query('update users set role = $2 where user_id = $1', [other.userId, role])
  const { errors } = await service.execute(totals, {}, { as: other })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'MISSING_ROLE', role: 'ANALYST' })
})

test('who was an analyst no more since the token was made is refused', async () => {
  const former = { ...(await newUser(service.database, 'former')), role: 'analyst' as const }
  const { errors } = await service.execute(totals, {}, { as: former })
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})
