import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { UnreadableExport } from '../../../src/domains/transfer/import-plan.ts'
import { readExport } from '../../../src/domains/transfer/loop/archive.ts'
import { planOfLoopExport } from '../../../src/domains/transfer/loop/plan.ts'
import { zipOf } from '../../support/zip.ts'

const habits = `Position,Name,Type,Question,Description,FrequencyNumerator,FrequencyDenominator,Color,Unit,Target Type,Target Value,Archived?
001,Fast,YES_NO,Did you fast?,,2,7,#FF8F00,,,,false
002,"Read, slowly",NUMERICAL,,Before sleep,1,1,#00897B,pages,AT_LEAST,10.0,true
`
const fasting = `Date,Value,Notes
2026-01-08,YES_MANUAL,
2026-01-07,NO,"Ill, and so on"
2026-01-06,YES_AUTO,
2026-01-05,YES_AUTO,"""Vacation"""
2026-01-04,SKIP,
2026-01-03,UNKNOWN,
2026-01-02,SKIP,On the way
2026-01-01,YES_MANUAL,"two
lines"
`
const root = `Date,Fast,Read, slowly,
2026-01-04,UNKNOWN,15500,
2026-01-03,NO,YES_MANUAL,
2026-01-02,YES_MANUAL,YES_AUTO,
2026-01-01,YES_MANUAL,NO,
2025-12-31,YES_MANUAL,UNKNOWN,
`
const whole = { 'Habits.csv': habits, '001 Fast/Checkmarks.csv': fasting, 'Checkmarks.csv': root }
const plan = (files: Record<string, string>) => planOfLoopExport(new Map(Object.entries(files)))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kitaab-loop-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('what an export comes to', () => {
  test('IMP-1 a habit becomes a deed with its unit, known by its name; an archived one is hidden', () => {
    expect(plan(whole).habits).toMatchObject([
      { externalKey: 'loop:Fast', name: 'Fast', description: 'Did you fast?', unit: null, isHidden: false },
      {
        externalKey: 'loop:Read, slowly',
        name: 'Read, slowly',
        description: 'Before sleep',
        unit: 'pages',
        isHidden: true,
      },
    ])
  })

  test('IMP-2 yes-or-no: done is 1, not done is 0, a silent day is none unless it has a note', () => {
    const [fast] = plan(whole).habits
    expect(fast?.entries).toEqual([
      { date: '2026-01-01', count: '1', notes: 'two\nlines' },
      { date: '2026-01-02', count: '0', notes: 'On the way' },
      { date: '2026-01-05', count: '0', notes: '"Vacation"' },
      { date: '2026-01-07', count: '0', notes: 'Ill, and so on' },
      { date: '2026-01-08', count: '1', notes: null },
    ])
    expect(fast?.skipped).toEqual({ YES_AUTO: 1, SKIP: 1, UNKNOWN: 1 })
  })

  test('IMP-2 numerical: thousandths, also where they print as states; without a folder the root file is read', () => {
    const [, read] = plan(whole).habits
    expect(read?.entries).toEqual([
      { date: '2026-01-01', count: '0', notes: null },
      { date: '2026-01-02', count: '0.001', notes: null },
      { date: '2026-01-03', count: '0.002', notes: null },
      { date: '2026-01-04', count: '15.5', notes: null },
    ])
    expect(read?.skipped).toEqual({ UNKNOWN: 1 })
  })

  test('IMP-2 frequency, target and colour are said not to be taken', () => {
    const [fast, read] = plan(whole).habits
    expect(fast?.notTaken).toEqual(['frequency 2 in 7 days', 'colour #FF8F00'])
    expect(read?.notTaken).toContain('target AT_LEAST 10.0 pages')
  })

  test('a row that can not be taken is named with file, line and reason, and the rest goes in', () => {
    const { habits: planned, problems } = plan({
      ...whole,
      '001 Fast/Checkmarks.csv':
        'Date,Value,Notes\n2026-02-30,NO,\n2026-01-02,MAYBE,\n2026-01-01,NO,\n2026-01-01,YES_MANUAL,\n',
    })
    expect(planned[0]?.entries).toEqual([{ date: '2026-01-01', count: '0', notes: null }])
    expect(problems).toEqual([
      { file: '001 Fast/Checkmarks.csv', line: 2, reason: '"2026-02-30" is not a date (YYYY-MM-DD).' },
      { file: '001 Fast/Checkmarks.csv', line: 3, reason: '"MAYBE" is not a value of a yes-or-no habit.' },
      { file: '001 Fast/Checkmarks.csv', line: 5, reason: '2026-01-01 stands there twice: the first one was taken.' },
    ])
  })

  test('a habit with neither a folder nor a column of its own is reported', () => {
    const { problems } = plan({ 'Habits.csv': habits, '001 Fast/Checkmarks.csv': fasting })
    expect(problems).toEqual([{ file: 'Checkmarks.csv', line: null, reason: expect.stringContaining('Read, slowly') }])
  })

  test('two habits at one position do not share a folder: the second is reported', () => {
    const both = `${habits}002,Pray,YES_NO,,,1,1,#00897B,,,,false\n`
    const { habits: planned, problems } = plan({ ...whole, 'Habits.csv': both })
    expect(planned.map(({ name }) => name)).toEqual(['Fast', 'Read, slowly'])
    expect(problems).toEqual([{ file: 'Habits.csv', line: 4, reason: 'There are two habits at the position "002".' }])
  })

  test('a file that holds much more than a diary is refused before it fills the memory', () => {
    expect(() => plan({ 'Habits.csv': ','.repeat(4_000_001) })).toThrow('more than 4000000 cells')
  })

  test.each([
    ['another table', 'a,b\n1,2\n', 'no column "Position"'],
    ['an open quote', 'Position,"Name', 'not CSV'],
    ['nothing', '', 'no column'],
    ['a cell of 2 MB', `Position,${'x'.repeat(1_100_000)}`, 'not CSV'],
  ])('Habits.csv with %s is refused with what to do', (_title, content, message) => {
    expect(() => plan({ 'Habits.csv': content })).toThrow(message)
  })
})

/** Nine files of 15 MB in a few kilobytes each. */
function bomb(): Buffer {
  const content = 'x'.repeat(15 * 1024 * 1024)
  return zipOf(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}/Checkmarks.csv`, content])))
}

/** Both headers say 10 bytes for what unpacks to a million. */
function understated(): Buffer {
  const zip = zipOf({ 'Habits.csv': 'x'.repeat(1_000_000) })
  const size = Buffer.alloc(4)
  size.writeUInt32LE(1_000_000)
  for (let at = zip.indexOf(size); at >= 0; at = zip.indexOf(size)) zip.writeUInt32LE(10, at)
  return zip
}

function latin1(): Buffer {
  return zipOf({ 'Habits.csv': habits, '001 Fast/Checkmarks.csv': Buffer.from('Date,Value,Notes\n\xe9', 'latin1') })
}

function brokenBody(): Buffer {
  const zip = zipOf({ 'Habits.csv': habits })
  zip.fill(0xff, 45, 60)
  return zip
}

describe('where it is read from', () => {
  test('IMP-2 a folder and its zip come to the same', async () => {
    const source = path.join(folder, 'export')
    await mkdir(path.join(source, '001 Fast'), { recursive: true })
    for (const [name, content] of Object.entries(whole)) await writeFile(path.join(source, name), content)
    await writeFile(`${source}.zip`, zipOf({ ...whole, 'Scores.csv': 'Date\n' }))
    const files = await readExport(source)
    expect(await readExport(`${source}.zip`)).toEqual(files)
    expect(planOfLoopExport(files)).toEqual(plan(whole))
  })

  test('a zip of the folder itself is read as well', async () => {
    const nested = Object.fromEntries(Object.entries(whole).map(([name, content]) => [`Loop 2026/${name}`, content]))
    await writeFile(path.join(folder, 'nested.zip'), zipOf(nested))
    expect(planOfLoopExport(await readExport(path.join(folder, 'nested.zip')))).toEqual(plan(whole))
  })

  test.each([
    ['a file that is no zip', 'Position,Name', 'neither a folder nor a zip'],
    ['half a zip', zipOf(whole).subarray(0, 200), "can't be read as a zip"],
    ['a zip of something else', zipOf({ 'photo.txt': 'x' }), 'no Habits.csv'],
    ['a file too large', zipOf({ 'Habits.csv': 'x'.repeat(17 * 1024 * 1024) }), 'at most'],
    ['a bomb', bomb(), 'The export has more than 5000 files or 134217728 bytes'],
    ['a file that is larger than its header says', understated(), "can't be read as a zip"],
    ['a path that leaves the zip', zipOf({ ...whole, '../Checkmarks.csv': '' }), "can't be read as a zip"],
    ['a path from the root', zipOf({ ...whole, '/etc/Habits.csv': '' }), "can't be read as a zip"],
    ["another system's path", zipOf({ ...whole, 'C:\\Habits.csv': '' }), "can't be read as a zip"],
    ['bytes that are no UTF-8', latin1(), '"001 Fast/Checkmarks.csv" is not UTF-8'],
    ['a broken body', brokenBody(), "can't be read as a zip"],
  ])('%s is refused with what to do', async (_title, content, message) => {
    const file = path.join(folder, 'broken.zip')
    await writeFile(file, content)
    await expect(readExport(file)).rejects.toThrow(message)
  })

  test('a zip that is cut off or broken anywhere is read or refused', async () => {
    const zip = zipOf(whole)
    const broken = fc.record({
      end: fc.integer({ min: 1, max: zip.length }),
      bytes: fc.array(fc.tuple(fc.nat(zip.length - 1), fc.nat(255)), { maxLength: 10 }),
    })
    await fc.assert(
      fc.asyncProperty(broken, async ({ end, bytes }) => {
        const content = Buffer.from(zip)
        for (const [place, byte] of bytes) content[place] = byte
        await writeFile(path.join(folder, 'broken.zip'), content.subarray(0, end))
        const result = await readExport(path.join(folder, 'broken.zip')).catch((error: unknown) => error)
        if (!(result instanceof UnreadableExport)) expect(result).toBeInstanceOf(Map)
      }),
      { numRuns: 300 },
    )
  })

  test('a path with nothing at it is refused', async () => {
    await expect(readExport(path.join(folder, 'nowhere'))).rejects.toThrow('There is no file or folder')
  })
})
