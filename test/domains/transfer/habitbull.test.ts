import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { DateOrder } from '../../../src/domains/transfer/csv/dates.ts'
import { planOfHabitBull } from '../../../src/domains/transfer/habitbull/plan.ts'
import { temporaryFiles } from '../../support/temporary-files.ts'
import { deedsOf, diaryOf, type ImportWorld, importWorld, traceOf } from './import-world.ts'

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

const header = 'HabitName,HabitDescription,HabitCategory,CalendarDate,Value,CommentText'

async function planOf(rows: readonly string[], order?: DateOrder) {
  return planOfHabitBull(await files.write('habits.csv', [header, ...rows, ''].join('\r\n')), order)
}

const walks = [
  'Walk,"Out of doors, daily",Health,2026-01-01,1,',
  'Walk,"Out of doors, daily",Health,2026-01-02,0,"Rain,\nall day"',
  'Read,,Mind,2026-01-01,12.5,Two chapters',
]

describe('what an export comes to', () => {
  test('IMP-1 a habit is known by category and name, and keeps its description; the category is said not to be taken', async () => {
    const { habits, problems } = await planOf([...walks, 'Walk,,Dog,2026-01-01,3,'])
    expect(habits).toMatchObject([
      {
        externalKey: 'habitbull:Health/Walk',
        name: 'Walk',
        description: 'Out of doors, daily',
        unit: null,
        isHidden: false,
        notTaken: ['category "Health"'],
      },
      { externalKey: 'habitbull:Mind/Read', description: null },
      { externalKey: 'habitbull:Dog/Walk', name: 'Walk' },
    ])
    expect(habits[0]?.entries).toEqual([
      { date: '2026-01-01', count: '1', notes: null },
      { date: '2026-01-02', count: '0', notes: 'Rain,\nall day' },
    ])
    expect(problems).toEqual([])
  })

  test('IMP-3 a later line of a day wins, the earlier is reported', async () => {
    const { habits, problems } = await planOf([
      'Walk,,,2026-01-01,1,First',
      'Walk,,,2026-01-02,1,',
      'Walk,,,2026-01-01,2,',
      'Walk,,,2026-01-01,many,',
      'Walk,,,2026-01-01,3,Last',
    ])
    expect(habits[0]?.entries).toEqual([
      { date: '2026-01-01', count: '3', notes: 'Last' },
      { date: '2026-01-02', count: '1', notes: null },
    ])
    expect(problems.map(({ line, reason }) => [line, reason])).toEqual([
      [2, '2026-01-01 stands there again in line 4: that one was taken.'],
      [4, '2026-01-01 stands there again in line 6: that one was taken.'],
      [5, expect.stringContaining('"many" is not an amount')],
    ])
  })

  test('IMP-3 the order of day and month is decided per file, or asked for', async () => {
    const both = ['Walk,,,03/04/2026,1,']
    const dates = async (rows: string[], order?: DateOrder) =>
      (await planOf(rows, order)).habits[0]?.entries.map(({ date }) => date)
    expect(await dates([...both, 'Walk,,,13/04/2026,1,'])).toEqual(['2026-04-03', '2026-04-13'])
    expect(await dates([...both, 'Walk,,,04/13/2026,1,'])).toEqual(['2026-03-04', '2026-04-13'])
    await expect(planOf(both)).rejects.toThrow('"03/04/2026" (habits.csv:2) can be day/month/year or month/day/year')
    expect(await dates(both, 'DMY')).toEqual(['2026-04-03'])
    expect(await dates(both, 'MDY')).toEqual(['2026-03-04'])
    const { problems } = await planOf([...both, 'Walk,,,13/04/2026,1,'], 'MDY')
    expect(problems).toMatchObject([{ line: 3, reason: '"13/04/2026" is not a date (YYYY-MM-DD or month/day/year).' }])
  })

  test('IMP-3 a row that can not be taken is named with file, line and reason, and the rest goes in', async () => {
    const { habits, problems } = await planOf([
      ',,Health,2026-01-01,1,',
      'Walk,,Health,2026-02-30,1,',
      'Walk,,Health,2026-01-01,-1,',
      'Walk,,Health,2026-01-02,1,"a\nb",c',
      'Walk,,Health',
      `Walk,,Health,${'9'.repeat(200)}\u001b[2J,1,`,
      'Walk,,Health,2026-01-03,1,',
    ])
    expect(habits.map(({ entries }) => entries.length)).toEqual([1])
    expect(problems.map(({ file, line, reason }) => [file, line, reason])).toEqual([
      ['habits.csv', 2, 'The habit has no name.'],
      ['habits.csv', 3, '"2026-02-30" is not a date (YYYY-MM-DD or day/month/year).'],
      ['habits.csv', 4, expect.stringContaining('"-1" is not an amount from 0 to 999999999.999')],
      ['habits.csv', 5, 'It has 7 cells, the header 6.'],
      ['habits.csv', 7, '"" is not a date (YYYY-MM-DD or day/month/year).'],
      ['habits.csv', 8, `"${'9'.repeat(60)}…" is not a date (YYYY-MM-DD or day/month/year).`],
      // The rest went in.
    ])
  })

  test('a file of something else is refused with what to do', async () => {
    const file = await files.write('other.csv', 'Date,Value\n2026-01-01,1\n')
    await expect(planOfHabitBull(file, undefined)).rejects.toThrow(
      'other.csv has no column "HabitName", "HabitCategory", "CalendarDate": give what HabitBull\'s export wrote.',
    )
  })
})

describe('what goes in', () => {
  test('IMP-1 a habit becomes a deed that is counted; twice changes nothing, also after a rename', async () => {
    const leila = await world.newImporter()
    const plan = await planOf([...walks, 'Walk,,Dog,2026-01-01,3,'])
    const report = await leila.importPlan(plan, 'HabitBull')
    expect(report.totals).toMatchObject({ habits: 3, deedsCreated: 3, created: 4, problems: 0 })
    const diary = [
      'Read | Read | 2026-01-01 | 12.5 | Two chapters',
      'Walk | Walk | 2026-01-01 | 1 | ',
      'Walk | Walk | 2026-01-02 | 0 | Rain,\nall day',
      'Walk (HabitBull) | Walk | 2026-01-01 | 3 | ',
    ]
    expect(await diaryOf(leila)).toEqual(diary)
    await leila.query("update deeds set name = 'Amble' where name = 'Walk'")
    const before = await traceOf(world, leila)
    const again = await leila.importPlan(plan, 'HabitBull')
    expect(await traceOf(world, leila)).toEqual(before)
    expect(again.totals).toMatchObject({ deedsCreated: 0, created: 0, updated: 0, unchanged: 4 })
  })

  test('a category too long for a key leaves its habit out, and the others go in', async () => {
    const leila = await world.newImporter()
    const report = await leila.importPlan(
      await planOf([`Run,,${'c'.repeat(500)},2026-01-01,1,`, ...walks]),
      'HabitBull',
    )
    expect(report.habits.map(({ outcome }) => outcome)).toEqual(['LEFT_OUT', 'CREATED', 'CREATED'])
    expect(report.problems).toMatchObject([{ habit: 'Run', reason: expect.stringContaining('too long') }])
    expect((await deedsOf(leila)).map(({ name }) => name)).toEqual(['Walk', 'Read'])
  })
})
