import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runJobs } from '../../support/jobs.ts'
import type { TestPerson } from '../../support/people.ts'
import { temporaryFiles } from '../../support/temporary-files.ts'
import { zipOf } from '../../support/zip.ts'
import { exportOf, fast, read } from './import-world.ts'
import { type UploadsWorld, uploadsWorld } from './uploads-world.ts'

let world: UploadsWorld
let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  world = await uploadsWorld()
  files = await temporaryFiles()
})
afterAll(async () => {
  await world.stop()
  await files.removeAll()
})

function loopBackup(): Promise<Buffer> {
  const file = path.join(files.folder, `${crypto.randomUUID()}.db`)
  const database = new DatabaseSync(file)
  database.exec(`
    create table Habits (Id integer primary key, name text, position integer, type integer);
    create table Repetitions (habit integer, timestamp integer, value integer, notes text);
    insert into Habits values (1, 'Fast', 0, 0);
    insert into Repetitions values (1, ${Date.parse('2026-01-02')}, 2, 'Easy')`)
  database.close()
  return readFile(file)
}

const habitBull =
  'HabitName,HabitDescription,HabitCategory,CalendarDate,Value,CommentText\nWalk,,Health,13/04/2026,2,\n'
const table = 'Tag;Tat;Menge\n13.01.2026;Koran;2,5\n'

describe('each format comes in right, and a second time changes nothing', () => {
  const cases: [string, () => Buffer | string | Promise<Buffer>, object, string[]][] = [
    [
      'LOOP',
      () => zipOf(exportOf(fast, read)),
      {},
      [
        'Fast | Fast | 2014-12-31 | 1 | ',
        'Read | Read | 2026-01-01 | 15.5 | ',
        'Fast | Fast | 2026-01-02 | 0 | Ill',
        'Read | Read | 2026-01-02 | 0.001 | ',
        'Fast | Fast | 2026-01-04 | 0 | On the way',
      ],
    ],
    ['LOOP_BACKUP', loopBackup, {}, ['Fast | Fast | 2026-01-02 | 1 | Easy']],
    ['HABITBULL', () => habitBull, {}, ['Walk | Walk | 2026-04-13 | 2 | ']],
    [
      'CSV',
      () => table,
      { columns: { date: 'Tag', deed: 'Tat', value: 'Menge' } },
      ['Koran | Koran | 2026-01-13 | 2.5 | '],
    ],
  ]
  test.each(cases)('IMP-1 %s', async (format, content, options, entries) => {
    const leila = await world.newPerson('Leila')
    const first = await world.importUpload(leila, {
      uploadId: await world.upload(leila, await content()),
      format,
      ...options,
    })
    expect(first).toMatchObject({ status: 'SUCCEEDED', progress: 1, error: null, format, dryRun: false })
    expect(first.report.totals).toMatchObject({ created: entries.length, problems: 0 })
    const diary = await world.diaryOf(leila)
    expect(diary.toSorted()).toEqual(entries.toSorted())
    const again = await world.importUpload(leila, {
      uploadId: await world.upload(leila, await content()),
      format,
      ...options,
    })
    expect(again.report.totals).toMatchObject({ created: 0, updated: 0, unchanged: entries.length, deedsCreated: 0 })
    expect(await world.diaryOf(leila)).toEqual(diary)
  })
})

describe('a dry run', () => {
  test('says exactly what would happen, writes nothing, and leaves the upload to be imported', async () => {
    const leila = await world.newPerson('Leila')
    const rows = 'date,deed,value\n2026-01-01,Fast,1\n2026-01-02,Fast,x\n2026-01-03,Fast,\n'
    const uploadId = await world.upload(leila, rows, 'my diary.csv')
    const tried = await world.importUpload(leila, { uploadId, format: 'CSV', dryRun: true })
    expect(tried.dryRun).toBe(true)
    expect(await world.diaryOf(leila)).toEqual([])
    const done = await world.importUpload(leila, { uploadId, format: 'CSV' })
    expect(done.report).toEqual(tried.report)
    expect(done.report).toEqual({
      habits: [
        {
          habit: 'Fast',
          outcome: 'CREATED',
          deed: 'Fast',
          entries: { created: 1, updated: 0, unchanged: 0, leftOut: 0 },
          skipped: [{ state: 'no value', days: 1 }],
          notTaken: [],
        },
      ],
      problems: [
        {
          file: 'my diary.csv',
          line: 3,
          habit: null,
          date: null,
          reason: expect.stringContaining('"x" is not an amount'),
        },
      ],
      totals: { habits: 1, deedsCreated: 1, created: 1, updated: 0, unchanged: 0, leftOut: 0, skipped: 1, problems: 1 },
    })
    expect(await world.diaryOf(leila)).toEqual(['Fast | Fast | 2026-01-01 | 1 | '])
  })
})

describe('what can not be imported fails with what to do, and writes nothing', () => {
  const cases: [string, string, Buffer | string, string][] = [
    [
      'a table for a zip',
      'LOOP',
      table,
      'upload is neither a folder nor a zip: give what Loop\'s "Export as CSV" wrote. Loop\'s full backup is read with `format: LOOP_BACKUP`.',
    ],
    ['a zip that is cut', 'LOOP', zipOf(exportOf(fast)).subarray(0, 100), "can't be read as a zip"],
    ['a table for a backup', 'LOOP_BACKUP', table, "upload can't be read as Loop's backup"],
    ['other columns', 'CSV', 'day,deed,value\n2026-01-01,a,1\n', 'Say which with `columns: { date: "..." }`.'],
    ['dates of two orders', 'CSV', 'date,deed,value\n03/04/2026,a,1\n', 'Say which with `dateOrder`, DMY or MDY.'],
    ['a header alone', 'HABITBULL', habitBull.split('\n')[0] ?? '', 'a header and no rows below it'],
    ['no text', 'CSV', Buffer.from([0, 1, 2, 0xff]), 'upload:1'],
    [
      'a quotation that does not end',
      'CSV',
      'date,deed,value\n2026-01-01,"a,1\n',
      'is a closing quotation mark missing?',
    ],
  ]
  test.each(cases)('%s', async (_name, format, content, error) => {
    const leila = await world.newPerson('Leila')
    const failed = await world.importUpload(leila, { uploadId: await world.upload(leila, content), format })
    expect(failed).toMatchObject({ status: 'FAILED', report: null, error: expect.stringContaining(error) })
    expect(failed.error).not.toMatch(/--|kitaab-import|\/tmp/)
    expect(await world.diaryOf(leila)).toEqual([])
  })

  test('what was sent stays where the format was wrong, to be imported by the right one', async () => {
    const leila = await world.newPerson('Leila')
    const uploadId = await world.upload(leila, habitBull)
    expect(await world.importUpload(leila, { uploadId, format: 'LOOP' })).toMatchObject({ status: 'FAILED' })
    expect(await world.importUpload(leila, { uploadId, format: 'HABITBULL' })).toMatchObject({ status: 'SUCCEEDED' })
    expect(await world.diaryOf(leila)).toEqual(['Walk | Walk | 2026-04-13 | 2 | '])
  })

  test('an upload that was imported is gone, and says so', async () => {
    const leila = await world.newPerson('Leila')
    const uploadId = await world.upload(leila, habitBull)
    const asked = [
      await world.askImport(leila, { uploadId, format: 'HABITBULL' }),
      await world.askImport(leila, { uploadId, format: 'HABITBULL' }),
    ]
    await runJobs(world.service)
    const reports = await Promise.all(asked.map(({ data }) => world.reportOf(leila, data.importEntries.import.id)))
    expect(reports.map(({ status }) => status).sort()).toContain('SUCCEEDED')
    expect((await world.askImport(leila, { uploadId, format: 'HABITBULL' })).errors?.[0]).toMatchObject({
      message: expect.stringContaining('it was imported already'),
      extensions: { code: 'NOT_FOUND', field: 'input.uploadId' },
    })
    expect(await world.diaryOf(leila)).toEqual(['Walk | Walk | 2026-04-13 | 2 | '])
  })

  test('into an account that is closed meanwhile nothing goes', async () => {
    const leila = await world.newPerson('Leila')
    const uploadId = await world.upload(leila, habitBull)
    const { data } = await world.askImport(leila, { uploadId, format: 'HABITBULL' })
    await world.service.database.admin.query("update users set status = 'suspended' where user_id = $1", [leila.userId])
    await runJobs(world.service)
    expect(await world.reportOf(leila, data.importEntries.import.id)).toMatchObject({ status: 'FAILED' })
  })
})

test("nobody sees another's import", async () => {
  const leila = await world.newPerson('Leila')
  const budi = await world.newPerson('Budi')
  const { data } = await world.askImport(leila, { uploadId: await world.upload(leila, habitBull), format: 'HABITBULL' })
  expect(await world.reportOf(budi, data.importEntries.import.id)).toBeNull()
})

test('imports are listed to their owner, the latest first, page by page', async () => {
  const leila = await world.newPerson('Leila')
  const budi = await world.newPerson('Budi')
  const asked: string[] = []
  for (const dryRun of [true, false, true]) {
    const uploadId = await world.upload(leila, habitBull)
    const { data } = await world.askImport(leila, { uploadId, format: 'HABITBULL', dryRun })
    asked.unshift(data.importEntries.import.id)
  }
  const listed = async (as: TestPerson, after: string | null = null) => {
    const document =
      'query ($after: String) { me { imports(first: 2, after: $after) { totalCount nodes { id dryRun } pageInfo { hasNextPage endCursor } } } }'
    return (await world.service.execute(document, { after }, { as })).data.me.imports
  }
  const first = await listed(leila)
  expect(first).toMatchObject({
    totalCount: 3,
    nodes: [
      { id: asked[0], dryRun: true },
      { id: asked[1], dryRun: false },
    ],
    pageInfo: { hasNextPage: true },
  })
  expect((await listed(leila, first.pageInfo.endCursor)).nodes).toEqual([{ id: asked[2], dryRun: true }])
  expect(await listed(budi)).toMatchObject({ totalCount: 0, nodes: [] })
})
