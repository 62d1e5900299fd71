import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { newDeed } from '../../db/world.ts'
import { deedsOf, exportOf, fast, type ImportWorld, importWorld, read, todayOf, traceOf } from './import-world.ts'

let world: ImportWorld
beforeAll(async () => {
  world = await importWorld()
})
afterAll(() => world.stop())

const noEntries = { created: 0, updated: 0, unchanged: 0, leftOut: 0 }

test('TREE-3 a deed whose name another has is called after the app as well', async () => {
  const leila = await world.newImporter()
  for (const name of ['fast', 'Read', 'READ (LOOP)']) await newDeed(leila, name)
  await newDeed(leila, 'Lie', 'count', 'saiyyiaat')
  const report = await leila.import(exportOf(fast, read, { name: 'Lie' }, { name: 'lie' }))
  expect(report.habits.map(({ deed }) => deed)).toEqual(['Fast (Loop)', 'Read (Loop 2)', 'Lie', 'lie (Loop)'])
  expect(report.problems).toEqual([])
  const before = await traceOf(world, leila)
  await leila.import(exportOf(fast, read, { name: 'Lie' }, { name: 'lie' }))
  expect(await traceOf(world, leila)).toEqual(before)
})

test('a habit whose texts do not fit is left out with the reason, and the others go in', async () => {
  const leila = await world.newImporter()
  const report = await leila.import(
    exportOf(
      { name: 'x'.repeat(201), days: ['2026-01-01,YES_MANUAL,'] },
      { name: 'y', type: 'NUMERICAL', unit: 'u'.repeat(51) },
      fast,
    ),
  )
  expect(report.habits.map(({ outcome }) => outcome)).toEqual(['LEFT_OUT', 'LEFT_OUT', 'CREATED'])
  expect(report.habits[0]).toMatchObject({ deed: null, entries: { ...noEntries, leftOut: 1 } })
  expect(report.problems).toMatchObject([
    { habit: 'x'.repeat(201), date: null, reason: expect.stringContaining('201 characters; at most 200') },
    { habit: 'y', date: null, reason: expect.stringContaining('51 characters; at most 50') },
  ])
  expect((await deedsOf(leila)).map(({ name }) => name)).toEqual(['Fast'])
})

test('a habit whose name can not be stored is left out, and the others go in', async () => {
  const leila = await world.newImporter()
  const report = await leila.import(exportOf({ name: 'Ev\u0000il' }, { name: 'Bell\u0007' }, fast))
  expect(report.habits.map(({ outcome }) => outcome)).toEqual(['LEFT_OUT', 'LEFT_OUT', 'CREATED'])
  expect(report.problems.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('holds the character NUL'),
    expect.stringContaining('holds control characters'),
  ])
})

test('a deed that is measured on a scale by now takes no counts', async () => {
  const leila = await world.newImporter()
  await leila.import(exportOf({ name: 'Fast' }))
  const deedId = (await deedsOf(leila))[0]?.deed_id
  await toScale(deedId)
  const report = await leila.import(exportOf(fast))
  expect(report.habits).toMatchObject([{ outcome: 'LEFT_OUT', entries: { leftOut: 3 } }])
  expect(report.problems).toMatchObject([{ habit: 'Fast', date: null, reason: expect.stringContaining('scale') }])
})

test('DAY-5 a day out of range, and a note that is too long, are left out with habit, date and reason', async () => {
  const leila = await world.newImporter()
  const late = addDays(await todayOf(leila), 2)
  const days = [
    '0000-01-01,YES_MANUAL,',
    '1899-12-31,YES_MANUAL,',
    '1900-01-01,YES_MANUAL,',
    `2026-01-01,NO,${'n'.repeat(4001)}`,
    `2026-01-02,NO,${'n'.repeat(4000)}`,
    `${addDays(late, -1)},YES_MANUAL,`,
    `${late},YES_MANUAL,`,
  ]
  const report = await leila.import(exportOf({ name: 'Fast', days }))
  expect(report.problems).toEqual(
    [
      ['0000-01-01', "Days before 1900-01-01 can't be recorded."],
      ['1899-12-31', "Days before 1900-01-01 can't be recorded."],
      ['2026-01-01', expect.stringContaining('4001 characters; at most 4000')],
      [late, expect.stringContaining('Here you can record from 1900-01-01 to')],
    ].map(([date, reason]) => ({ file: null, line: null, habit: 'Fast', date, reason })),
  )
  expect(report.totals).toMatchObject({ created: 3, leftOut: 4, problems: 4 })
})

test('with a hundred deeds there is room for no more: the habits that fit go in', async () => {
  const leila = await world.newImporter()
  await leila.query(
    "insert into deeds (user_id, category_type, name, measure_type) select $1, 'saiyyiaat', 'Deed ' || n, 'count' from generate_series(1, 99) as n",
    [leila.id],
  )
  const report = await leila.import(exportOf(fast, read))
  expect(report.habits.map(({ outcome }) => outcome)).toEqual(['CREATED', 'LEFT_OUT'])
  expect(report.problems).toMatchObject([{ habit: 'Read', reason: expect.stringContaining('100 deeds') }])
})

test('what could not be read comes first, with file and line', async () => {
  const leila = await world.newImporter()
  const report = await leila.import(exportOf({ name: 'Fast', days: ['2026-02-30,NO,', '2026-01-01,NO,'] }))
  expect(report.problems).toEqual([
    {
      file: '001 habit/Checkmarks.csv',
      line: 2,
      habit: null,
      date: null,
      reason: expect.stringContaining('2026-02-30'),
    },
  ])
  expect(report.totals).toMatchObject({ created: 1, problems: 1 })
})

/** Its measure, with a scale for all days. */
async function toScale(deedId: string) {
  await world.admin(
    `with deed as (update deeds set measure_type = 'scale', unit = null where deed_id = $1 returning user_id, deed_id),
       scale as (
         insert into scales (user_id, deed_id, version_number, effective) select user_id, deed_id, 1, '(,)' from deed
         returning user_id, deed_id, scale_id
       )
     insert into scale_values (user_id, deed_id, scale_id, value_name, value_order) select *, 'done', 1 from scale`,
    [deedId],
  )
}
