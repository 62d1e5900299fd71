import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deedsOf, diaryOf, type ImportWorld, importWorld, traceOf } from '../domains/transfer/import-world.ts'
import { addressOf, kitaab } from '../support/command.ts'
import { temporaryFiles } from '../support/temporary-files.ts'

let world: ImportWorld
let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  world = await importWorld()
  files = await temporaryFiles()
})
afterAll(async () => {
  await world.stop()
  await files.removeAll()
})

/** As a person runs it, on the database of this test. */
function runImport(...args: string[]) {
  const { connections } = world.database
  return kitaab(['import', ...args], {
    DATABASE_URL: addressOf(connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
    DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
    KITAAB_HOME: path.join(files.folder, '.kitaab'),
  })
}

describe('habitbull', () => {
  const header = 'HabitName,HabitDescription,HabitCategory,CalendarDate,Value,CommentText'

  test('IMP-3 an export goes in, what it holds twice is listed; where the dates allow both orders, --date-order is asked for', async () => {
    const leila = await world.newImporter()
    const rows = [header, 'Walk,,Health,03/04/2026,1,', 'Walk,,Health,03/04/2026,2,']
    const file = await files.write('HabitBull.csv', rows.join('\n'))
    const asked = await runImport('--format', 'habitbull', '--user', leila.email, file)
    expect(asked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--date-order DMY or') })
    expect(await deedsOf(leila)).toEqual([])
    const args = ['--format', 'habitbull', '--date-order', 'DMY', '--user', leila.email, file]
    const { code, stdout } = await runImport(...args)
    expect(code).toBe(3)
    expect(stdout).toBe(
      [
        'Walk: new deed',
        '  entries: 1 created, 0 updated, 0 unchanged',
        '  not taken: category "Health"',
        '',
        'Left out:',
        '  HabitBull.csv:2: 2026-04-03 stands there again in line 3: that one was taken.',
        '',
        '1 habit (1 new deed): 1 created, 0 updated, 0 unchanged; 0 days without a record; 1 problem.',
        '',
      ].join('\n'),
    )
    expect(await diaryOf(leila)).toEqual(['Walk | Walk | 2026-04-03 | 2 | '])
    const before = await traceOf(world, leila)
    expect((await runImport(...args)).stdout).toContain('1 unchanged')
    expect((await traceOf(world, leila))?.entries).toEqual(before?.entries)
  })
})

describe('loop-backup', () => {
  test('IMP-2 a backup goes in, twice, without a word of what reads it', async () => {
    const leila = await world.newImporter()
    const file = path.join(files.folder, 'Loop Habits Backup.db')
    const database = new DatabaseSync(file)
    database.exec(`
      create table Habits (Id integer primary key, name text, position integer, type integer);
      create table Repetitions (habit integer, timestamp integer, value integer, notes text);
      insert into Habits values (1, 'Fast', 0, 0);
      insert into Repetitions values (1, ${Date.parse('2026-01-02')}, 2, 'Easy')`)
    database.close()
    const args = ['--format', 'loop-backup', '--user', leila.email, file]
    expect(await runImport(...args)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('1 created'),
    })
    expect(await runImport(...args)).toMatchObject({ code: 0, stdout: expect.stringContaining('1 unchanged') })
    expect(await diaryOf(leila)).toEqual(['Fast | Fast | 2026-01-02 | 1 | Easy'])
  })
})

describe('csv', () => {
  test("a table with names of its own goes in, and the report calls its items by deed and item; nothing moves the terminal's cursor", async () => {
    const leila = await world.newImporter()
    const lines = ['Datum;Tat, gute;Teil;Menge', '13.01.2026;Koran;Lesen;2,5', '14.01.2026;\u001b[2J;;1']
    const file = await files.write('tagebuch.csv', lines.join('\r\n'))
    const columns = 'date=Datum,deed=Tat, gute,item=Teil,value=Menge'
    const { code, stdout } = await runImport('--format', 'csv', '--columns', columns, '--user', leila.email, file)
    expect(code).toBe(3)
    expect(stdout).toContain('Koran / Lesen: new deed\n  entries: 1 created')
    expect(stdout).toContain('\ufffd[2J: left out')
    expect(stdout).not.toContain('\u001b')
    expect(await diaryOf(leila)).toEqual(['Koran | Lesen | 2026-01-13 | 2.5 | '])
  })

  test('a broken table is one line, and nothing of it goes in', async () => {
    const leila = await world.newImporter()
    const file = await files.write('broken.csv', 'date,deed,value\n2026-01-01,Fast,1\n2026-01-02,"Fast,1\n')
    expect(await runImport('--format', 'csv', '--user', leila.email, file)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The row of broken.csv:3 does not end: is a closing quotation mark missing?\n',
    })
    expect(await deedsOf(leila)).toEqual([])
  })

  test('a table without rows is told, instead of counting nothing', async () => {
    const leila = await world.newImporter()
    const file = await files.write('header.csv', 'date,deed,value\n')
    expect(await runImport('--format', 'csv', '--user', leila.email, file)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'header.csv has a header and no rows below it: a row for each day of an item was expected.\n',
    })
  })

  test('with --json a failure is JSON as well', async () => {
    const file = await files.write('unnamed.csv', 'day,deed,value\n2026-01-01,Fast,1\n')
    const { code, stdout, stderr } = await runImport(
      '--format',
      'csv',
      '--json',
      '--user',
      'leila@kitaab.example',
      file,
    )
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      dryRun: false,
      error: expect.stringMatching(/has no column "date" for the date; .* Say which with --columns date=\.\.\.$/),
    })
  })

  test('columns of no such field are wrong usage, and the field is named', async () => {
    const args = ['--format', 'csv', '--user', 'leila@kitaab.example', 'diary.csv']
    for (const [columns, problem] of [
      ['day=Datum', 'There is no field "day".'],
      ['date=Datum,day=Tag', 'There is no field "day".'],
      ['day', 'There is no field "day".'],
      ['date', '"date" has no name.'],
      ['date= ', '"date" has no name.'],
    ] as const) {
      const { code, stderr } = await runImport('--columns', columns, ...args)
      expect(code).toBe(2)
      expect(stderr).toContain(`${problem} Give date, deed, item, value, note, each as field=name.`)
    }
  })
})
