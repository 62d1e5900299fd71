import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { UnreadableExport } from '../../../src/domains/transfer/import-plan.ts'
import { planOfLoopBackup } from '../../../src/domains/transfer/loop/backup.ts'
import { planOfLoopExport } from '../../../src/domains/transfer/loop/plan.ts'
import { temporaryFiles } from '../../support/temporary-files.ts'
import { diaryOf, exportOf, type ImportWorld, importWorld, traceOf } from './import-world.ts'

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

const tables = `
  create table Habits (Id integer primary key autoincrement, archived integer, color integer, description text,
    freq_den integer, freq_num integer, highlight integer, name text, position integer, type integer not null default 0,
    target_type integer not null default 0, target_value real not null default 0, unit text not null default '',
    question text, uuid text);
  create table Repetitions (id integer primary key autoincrement, habit integer not null references Habits (Id),
    timestamp integer not null, value integer not null, notes text);`

let backups = 0

/** A database that these statements make. */
function backupOf(sql: string): string {
  backups += 1
  const file = path.join(files.folder, `backup ${backups}.db`)
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  database.exec(sql)
  database.close()
  return file
}

const at = (date: string) => Date.parse(date)
const days = (rows: readonly (readonly [number, string, number, string?])[]) =>
  rows
    .map(
      ([habit, date, value, notes]) =>
        `(${habit}, ${at(date)}, ${value}, ${notes === undefined ? 'null' : `'${notes}'`})`,
    )
    .join(', ')
const habitsHere = `
  insert into Habits (Id, archived, color, description, freq_den, freq_num, name, position, type, target_value, unit, question)
  values (7, 1, 3, '', 1, 1, 'Read', 2, 1, 10.0, 'pages', ''), (4, 0, 8, 'Daily', 7, 2, 'Fast', 1, 0, 0, '', 'Did you fast?');
  insert into Repetitions (habit, timestamp, value, notes) values ${days([
    [4, '2026-01-05', 2],
    [4, '2026-01-01', 0, 'Ill'],
    [4, '2026-01-02', 1],
    [4, '2026-01-03', 3, 'On the way'],
    [4, '2026-01-04', -1],
    [7, '2026-01-01', 15_500],
    [7, '2026-01-02', 2],
    [7, '2026-01-03', 3],
    [9, '2026-01-03', 2],
  ])};`

describe('what a backup comes to', () => {
  test('IMP-2 yes-or-no days, amounts in thousandths, silent days; days of a habit that is gone are left behind', async () => {
    const { habits, problems } = await planOfLoopBackup(backupOf(tables + habitsHere))
    expect(problems).toEqual([])
    expect(habits).toEqual([
      {
        externalKey: 'loop:Fast',
        name: 'Fast',
        description: 'Did you fast?\nDaily',
        unit: null,
        isHidden: false,
        entries: [
          { date: '2026-01-01', count: '0', notes: 'Ill' },
          { date: '2026-01-03', count: '0', notes: 'On the way' },
          { date: '2026-01-05', count: '1', notes: null },
        ],
        skipped: { YES_AUTO: 1, UNKNOWN: 1 },
        notTaken: ['frequency 2 in 7 days', 'colour 8'],
      },
      {
        externalKey: 'loop:Read',
        name: 'Read',
        description: null,
        unit: 'pages',
        isHidden: true,
        entries: [
          { date: '2026-01-01', count: '15.5', notes: null },
          { date: '2026-01-02', count: '0.002', notes: null },
        ],
        skipped: { SKIP: 1 },
        notTaken: ['frequency 1 in 1 days', 'target AT_LEAST 10 pages', 'colour 3'],
      },
    ])
  })

  test('a backup of an early release, without types, questions and notes, goes in as well', async () => {
    const file = backupOf(`
      create table habits (id integer primary key, archived integer, name text, position integer);
      create table repetitions (id integer primary key, habit integer, timestamp integer, value integer);
      insert into habits values (1, 0, 'Fast', 0);
      insert into repetitions values (1, 1, ${at('2016-01-01')}, 2);`)
    expect(await planOfLoopBackup(file)).toMatchObject({
      habits: [{ name: 'Fast', description: null, entries: [{ date: '2016-01-01', count: '1', notes: null }] }],
      problems: [],
    })
  })

  test('what can not be taken is named with its habit, and the rest goes in', async () => {
    const file = backupOf(`${tables}
      insert into Habits (Id, name, position) values (1, 'Fast', 1), (2, 'Fast', 2), (3, '  ', 3);
      insert into Repetitions (habit, timestamp, value, notes) values ${days([
        [1, '2026-01-01', 2],
        [1, '2026-01-01', 0],
        [1, '2026-01-02', 77],
        [1, '2026-01-03T12:00:00Z', 2],
      ])};
      insert into Repetitions (habit, timestamp, value) values (1, 9223372036854775807, 2), (1, 'x', 2), (1, 86400000, 'x');`)
    const { habits, problems } = await planOfLoopBackup(file)
    expect(habits).toMatchObject([{ name: 'Fast', entries: [{ date: '2026-01-01', count: '1' }] }])
    expect(problems.map(({ reason }) => reason).sort()).toEqual([
      '"Fast": "77" is not a value of a yes-or-no habit.',
      '"Fast": 2026-01-01 stands there twice: the first one was taken.',
      ...Array(4).fill('"Fast": a day has no date, or no value.'),
      'A habit has no id, or no name.',
      'There are two habits "Fast": rename one in Loop and export once more.',
    ])
  })

  test('IMP-1 what came from the CSV export is found again by the backup, and nothing changes', async () => {
    const leila = await world.newImporter()
    const csv = exportOf(
      { name: 'Fast', days: ['2026-01-01,NO,Ill', '2026-01-03,SKIP,On the way', '2026-01-05,YES_MANUAL,'] },
      { name: 'Read', type: 'NUMERICAL', days: ['2026-01-01,15500,', '2026-01-02,YES_MANUAL,'] },
    )
    await leila.importPlan(planOfLoopExport(new Map(Object.entries(csv))), 'Loop')
    const [diary, before] = [await diaryOf(leila), await traceOf(world, leila)]
    expect(diary).toHaveLength(5)
    const report = await leila.importPlan(await planOfLoopBackup(backupOf(tables + habitsHere)), 'Loop')
    expect(report.totals).toMatchObject({ created: 0, updated: 0, unchanged: 5 })
    expect(await traceOf(world, leila)).toEqual(before)
  })

  test('a database that is still written to leaves nothing beside it, and is not changed', async () => {
    const file = backupOf(`pragma journal_mode = wal; ${tables} ${habitsHere}`)
    const before = await readFile(file)
    expect((await planOfLoopBackup(file)).habits).toHaveLength(2)
    expect(await readFile(file)).toEqual(before)
    await expect(readFile(`${file}-wal`)).rejects.toThrow('ENOENT')
    await expect(readFile(`${file}-shm`)).rejects.toThrow('ENOENT')
  })
})

describe('what is refused with what to do', () => {
  const endless = 'with recursive n (i) as (select 1 union all select i + 1 from n) select i as Id, i as name from n'
  test.each([
    ['another database', 'create table Diary (id integer)', 'has no table Habits'],
    [
      'a view that never ends',
      `create view Habits as ${endless}; create table Repetitions (id integer)`,
      'no table Habits',
    ],
    [
      'a virtual table',
      `${tables.replace('Repetitions', 'Others')}; create virtual table Repetitions using fts5 (a)`,
      'no table Repetitions',
    ],
    [
      'a column that is computed',
      `create table Habits (Id integer, position integer, name text as (hex(zeroblob(100000)))); create table Repetitions (id integer);
       insert into Habits (Id) values (1)`,
      'has no table Habits',
    ],
    [
      'a name of two megabytes',
      `${tables}; insert into Habits (Id, name) values (1, printf('%.*c', 2000000, 'x'))`,
      "can't be read as Loop's backup: string or blob too big",
    ],
    [
      'more habits than anybody has',
      `${tables}; with recursive n (i) as (select 1 union all select i + 1 from n where i < 1001) insert into Habits (Id, name) select i, 'h' || i from n`,
      'more than 1000 habits',
    ],
  ])('%s', async (_title, sql, message) => {
    await expect(planOfLoopBackup(backupOf(sql))).rejects.toThrow(message)
  })

  test.each([
    ['a file of something else', Buffer.from('Position,Name'.repeat(100)), "can't be read as Loop's backup"],
    ['an empty file', Buffer.alloc(0), 'has no table Habits'],
    ['more bytes than a diary has', Buffer.alloc(64 * 1024 * 1024 + 1), 'at most 67108864 are read'],
  ])('%s', async (_title, content, message) => {
    await expect(planOfLoopBackup(await files.write('other.db', content))).rejects.toThrow(message)
  })

  test('a path with nothing at it', async () => {
    await expect(planOfLoopBackup(path.join(files.folder, 'nowhere.db'))).rejects.toThrow('There is no file')
  })

  test('a backup that is cut off or broken anywhere is read or refused, and never ends the process', async () => {
    const whole = await readFile(backupOf(tables + habitsHere))
    const broken = fc.record({
      end: fc.integer({ min: 1, max: whole.length }),
      bytes: fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(broken, async ({ end, bytes }) => {
        const content = Buffer.from(whole)
        for (const [place, byte] of bytes) content[place] = byte
        const file = await files.write('broken.db', content.subarray(0, end))
        const plan = await planOfLoopBackup(file).catch((error: unknown) => error)
        if (!(plan instanceof UnreadableExport)) expect(plan).toMatchObject({ habits: expect.any(Array) })
      }),
      { numRuns: 300 },
    )
  })
})
