import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type CsvOptions, planOfTable } from '../../../../src/domains/transfer/csv/plan.ts'
import { newDeed, newItem } from '../../../db/world.ts'
import { temporaryFiles } from '../../../support/temporary-files.ts'
import { deedsOf, diaryOf, type Importer, type ImportWorld, importWorld, traceOf } from '../import-world.ts'

let world: ImportWorld
let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  world = await importWorld()
  files = await temporaryFiles()
})
afterAll(async () => {
  await files.removeAll()
  await world.stop()
})

const planOf = async (lines: readonly string[], options: CsvOptions = {}) =>
  planOfTable(await files.write('diary.csv', lines.join('\n')), options)
const take = async (person: Importer, lines: readonly string[]) => person.importPlan(await planOf(lines), 'CSV')

const diary = [
  'date,deed,item,value,note',
  '2026-01-01,Quran,Reading,2.5,"At dawn,\nslowly"',
  '2026-01-02,Quran,Reading,1,',
  '2026-01-01,Quran,Lesson,1,',
  '2026-01-01,Fast,,1,',
]
const diaryHere = [
  'Fast | Fast | 2026-01-01 | 1 | ',
  'Quran | Reading | 2026-01-01 | 2.5 | At dawn,\nslowly',
  'Quran | Lesson | 2026-01-01 | 1 | ',
  'Quran | Reading | 2026-01-02 | 1 | ',
]
const sorted = (lines: readonly string[]) => [...lines].sort()

describe('what a table comes to', () => {
  test('rows of one deed and item are one habit; without an item it is called as the deed', async () => {
    const { habits, problems } = await planOf([...diary, '2026-01-03,QURAN,reading,3,'])
    expect(habits.map(({ externalKey, deed, entries }) => [externalKey, deed?.externalKey, entries.length])).toEqual([
      ['csv:Quran/Reading', 'csv:Quran', 3],
      ['csv:Quran/Lesson', 'csv:Quran', 1],
      ['csv:Fast/Fast', 'csv:Fast', 1],
    ])
    expect(habits[0]?.entries[0]).toEqual({ date: '2026-01-01', count: '2.5', notes: 'At dawn,\nslowly' })
    expect(problems).toEqual([])
  })

  test('columns have any names and any order, in any case; item and note may be missing', async () => {
    const lines = ['Menge;DATUM;Tat, gute', '2,5;13.01.2026;Lesen', '3;14.01.2026;Lesen']
    const columns = { date: 'Datum', value: 'menge', deed: 'Tat, gute' }
    const { habits, problems } = await planOf(lines, { columns })
    expect(habits).toMatchObject([{ name: 'Lesen', entries: [{ date: '2026-01-13', count: '2.5' }, { count: '3' }] }])
    expect(problems).toEqual([])
  })

  test('a comma before the places is one where some value has it; then a point is refused', async () => {
    const { problems } = await planOf(['date;deed;value', '2026-01-01;a;1,5', '2026-01-02;a;1.000'])
    expect(problems).toMatchObject([{ line: 3, reason: expect.stringContaining('"1.000" is not an amount') }])
    const points = await planOf(['date,deed,value', '2026-01-01,a,"1,5"', '2026-01-02,a,1.5'])
    expect(points.problems).toMatchObject([{ line: 2, reason: expect.stringContaining('"1,5" is not an amount') }])
  })

  test('a row without a value says nothing; a note needs one', async () => {
    const { habits, problems } = await planOf(['date,deed,value,note', '2026-01-01,a,,', '2026-01-02,a,,Ill'])
    expect(habits).toMatchObject([{ entries: [], skipped: { 'no value': 1 } }])
    expect(problems).toEqual([{ file: 'diary.csv', line: 3, reason: 'There is a note, but no value.' }])
  })

  test('a row that can not be taken is named with file, line and reason; a later row of a day wins', async () => {
    const { habits, problems } = await planOf([
      ...diary.slice(0, 3),
      '2026-13-01,Quran,Reading,1,',
      '2026-01-03,Quran,Reading,0.0001,',
      '2026-01-03,,Reading,1,',
      '2026-01-02,Quran,Reading,4,',
      '2026-01-03,Quran,Reading,1,,so',
    ])
    expect(habits[0]?.entries.map(({ count }) => count)).toEqual(['2.5', '4'])
    expect(problems.map(({ line, reason }) => [line, reason])).toEqual([
      [4, '2026-01-02 stands there again in line 8: that one was taken.'],
      [5, '"2026-13-01" is not a date (YYYY-MM-DD or day/month/year).'],
      [6, expect.stringContaining('"0.0001" is not an amount')],
      [7, 'The deed has no name.'],
      [9, 'It has 6 cells, the header 5.'],
    ])
  })

  test('a column that is not there is refused with those that are', async () => {
    await expect(planOf(['day,deed,value'])).rejects.toThrow(
      'diary.csv has no column "date" for the date; it has "day", "deed", "value". Say which with --columns date=...',
    )
    await expect(planOf(['date,deed,value'], { columns: { note: 'Notiz' } })).rejects.toThrow('no column "Notiz"')
  })

  test('a hundred thousand rows are read in their order', async () => {
    const rows = Array.from(
      { length: 100_000 },
      (_, index) => `2026-01-${String((index % 28) + 1).padStart(2, '0')},d${index},1`,
    )
    const { habits } = await planOf(['date,deed,value', ...rows])
    expect(habits).toHaveLength(100_000)
    expect(habits.at(-1)?.name).toBe('d99999')
  })
})

describe('what goes in', () => {
  test('IMP-1 deeds and items are made, several items in a deed; twice changes nothing, also after a rename', async () => {
    const leila = await world.newImporter()
    const report = await take(leila, diary)
    expect(sorted(await diaryOf(leila))).toEqual(sorted(diaryHere))
    expect(report.habits.map(({ habit, deed, outcome }) => [habit, deed, outcome])).toEqual([
      ['Quran / Reading', 'Quran', 'CREATED'],
      ['Quran / Lesson', 'Quran', 'ITEM_CREATED'],
      ['Fast', 'Fast', 'CREATED'],
    ])
    expect(report.totals).toMatchObject({ habits: 3, deedsCreated: 2, created: 4 })
    const items = await leila.query('select name, display_order from deed_items order by deed_id, display_order')
    expect(items).toMatchObject([
      { name: 'Reading', display_order: 0 },
      { name: 'Lesson', display_order: 1 },
      { name: 'Fast', display_order: 0 },
    ])
    await leila.query("update deeds set name = 'Book' where name = 'Quran'")
    await leila.query("update deed_items set name = 'Recitation' where name = 'Reading'")
    const before = await traceOf(world, leila)
    expect((await take(leila, diary)).totals).toMatchObject({ deedsCreated: 0, created: 0, updated: 0, unchanged: 4 })
    expect(await traceOf(world, leila)).toEqual(before)
  })

  test('what is here under its own name is found: of either kind, at any depth, in any case', async () => {
    const leila = await world.newImporter()
    const quran = await newDeed(leila, 'QURAN')
    await newDeed(leila, 'Lie', 'count', 'saiyyiaat')
    const parent = await newItem(leila, quran, 'Daily')
    await newItem(leila, quran, 'reading', parent)
    const report = await take(leila, [...diary, '2026-01-01,lie,,2,'])
    expect(report.habits.map(({ deed, outcome }) => [deed, outcome])).toEqual([
      ['QURAN', 'FOUND'],
      ['QURAN', 'ITEM_CREATED'],
      ['Fast', 'CREATED'],
      ['Lie', 'ITEM_CREATED'],
    ])
    expect(await diaryOf(leila)).toContain('QURAN | reading | 2026-01-02 | 1 | ')
    expect((await deedsOf(leila)).map(({ name }) => name)).toEqual(['QURAN', 'Fast', 'Lie'])
    const before = await traceOf(world, leila)
    expect((await take(leila, [...diary, '2026-01-01,lie,,2,'])).totals).toMatchObject({ created: 0, unchanged: 5 })
    expect(await traceOf(world, leila)).toEqual(before)
  })

  test('what took the name of another of the file keeps its days', async () => {
    const leila = await world.newImporter()
    const first = ['date,deed,item,value', '2026-01-01,A,x,1']
    await take(leila, first)
    await leila.query("update deeds set name = 'B'")
    await leila.query("update deed_items set name = 'y'")
    const report = await take(leila, [...first, '2026-01-01,A,y,2', '2026-01-01,B,x,3'])
    expect(sorted(await diaryOf(leila))).toEqual([
      'B (CSV) | x | 2026-01-01 | 3 | ',
      'B | y (CSV) | 2026-01-01 | 2 | ',
      'B | y | 2026-01-01 | 1 | ',
    ])
    expect(report.problems).toEqual([])
  })

  test('a name that means two is left out with what to do, as is a deed on a scale', async () => {
    const leila = await world.newImporter()
    for (const kind of ['hasanaat', 'saiyyiaat'] as const) await newDeed(leila, 'Talk', 'count', kind)
    await newDeed(leila, 'Prayer', 'scale')
    const quran = await newDeed(leila, 'Quran')
    for (const name of ['Morning', 'Evening']) await newItem(leila, quran, 'Reading', await newItem(leila, quran, name))
    const { problems, totals } = await take(leila, [...diary, '2026-01-01,Talk,,1,', '2026-01-01,Prayer,,1,'])
    expect(problems.map(({ habit, reason }) => [habit, reason])).toEqual([
      ['Quran / Reading', 'Its deed has several items of this name: rename one.'],
      ['Talk', 'You have a good and a bad deed of this name: rename one.'],
      ['Prayer', 'Its deed "Prayer" is measured on a scale, and takes no counts.'],
    ])
    expect(totals).toMatchObject({ created: 2, leftOut: 4 })
  })

  test('a deed takes 500 items, a person 100 deeds: the rest is left out', async () => {
    const leila = await world.newImporter()
    const items = Array.from({ length: 502 }, (_, index) => `2026-01-01,Many,item ${index},1`)
    const deeds = Array.from({ length: 101 }, (_, index) => `2026-01-01,deed ${index},,1`)
    const lines = ['date,deed,item,value', ...items, ...deeds]
    const { problems, totals } = await take(leila, lines)
    expect(totals).toMatchObject({ created: 599, deedsCreated: 100, leftOut: 4 })
    expect(problems.map(({ habit }) => habit)).toEqual(['Many / item 500', 'Many / item 501', 'deed 99', 'deed 100'])
    expect((await take(leila, lines)).totals).toMatchObject({ created: 0, unchanged: 599, leftOut: 4 })
  })
})
