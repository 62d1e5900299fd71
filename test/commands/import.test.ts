import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { deedsOf, diaryOf, exportOf, type ImportWorld, importWorld, traceOf } from '../domains/transfer/import-world.ts'
import { addressOf, kitaab } from '../support/command.ts'
import { holdHome } from '../support/held-home.ts'
import { temporaryHomes } from '../support/homes.ts'
import { zipOf } from '../support/zip.ts'

const homes = temporaryHomes()
const children: ChildProcess[] = []
let world: ImportWorld
let folder: string

beforeAll(async () => {
  world = await importWorld()
  folder = path.dirname(homes.newHome())
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
})
afterAll(async () => {
  await world.stop()
  homes.removeAll()
})

const habits = exportOf(
  { name: 'Fast', days: ['2026-01-01,YES_MANUAL,', '2026-01-02,NO,Ill', '2026-01-03,YES_AUTO,'] },
  { name: 'Read', type: 'NUMERICAL', unit: 'pages', days: ['2026-01-01,15500,'] },
)

function zipFile(files: Record<string, string>): string {
  const file = path.join(folder, `${crypto.randomUUID()}.zip`)
  fs.writeFileSync(file, zipOf(files))
  return file
}

function folderOf(files: Record<string, string>): string {
  const root = path.join(folder, crypto.randomUUID())
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    fs.writeFileSync(path.join(root, name), content)
  }
  return root
}

/** As a person runs it, on the database of this test. */
function runImport(email: string, ...args: string[]) {
  const { connections } = world.database
  return kitaab(['import', '--format', 'loop', '--user', email, ...args], {
    DATABASE_URL: addressOf(connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
    DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
    KITAAB_HOME: path.join(folder, '.kitaab'),
  })
}

describe('on a database that has an address', () => {
  test('IMP-1 a zip goes in and is reported in words; a second time nothing changes', async () => {
    const leila = await world.newImporter()
    const file = zipFile(habits)
    expect(await runImport(leila.email, file)).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'Fast: new deed',
        '  entries: 2 created, 0 updated, 0 unchanged',
        '  days without a record: YES_AUTO 1',
        '  not taken: frequency 1 in 1 days; colour #FF8F00',
        'Read: new deed',
        '  entries: 1 created, 0 updated, 0 unchanged',
        '  not taken: frequency 1 in 1 days; colour #FF8F00',
        '',
        '2 habits (2 new deeds): 3 created, 0 updated, 0 unchanged; 1 day without a record; 0 problems.',
        '',
      ].join('\n'),
    })
    const before = await traceOf(world, leila)
    await leila.query("update deeds set name = 'Fasts' where name = 'Fast'")
    const again = await runImport(leila.email, file)
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Fast: deed found, now called "Fasts"') })
    expect(again.stdout).toContain('0 created, 0 updated, 3 unchanged')
    expect((await traceOf(world, leila))?.entries).toEqual(before?.entries)
  })

  test('IMP-2 the folder of an export goes in as well, and --json prints the report for machines', async () => {
    const leila = await world.newImporter()
    const { code, stdout } = await runImport(leila.email, folderOf(habits), '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: false,
      habits: [
        { habit: 'Fast', outcome: 'CREATED', entries: { created: 2 }, skipped: { YES_AUTO: 1 } },
        { habit: 'Read', outcome: 'CREATED', entries: { created: 1 } },
      ],
      problems: [],
      totals: { habits: 2, deedsCreated: 2, created: 3 },
    })
    expect(await diaryOf(leila)).toEqual([
      'Fast | Fast | 2026-01-01 | 1 | ',
      'Fast | Fast | 2026-01-02 | 0 | Ill',
      'Read | Read | 2026-01-01 | 15.5 | ',
    ])
  })

  test('--dry-run says the same and that nothing was written', async () => {
    const leila = await world.newImporter()
    const tried = await runImport(leila.email, zipFile(habits), '--dry-run')
    expect(tried.stdout).toContain('3 created')
    expect(tried.stdout).toMatch(/This was a dry run: nothing was written\.\n$/)
    expect(await deedsOf(leila)).toEqual([])
  })

  test('rows that are left out are listed, the rest goes in, and the exit code is 3', async () => {
    const leila = await world.newImporter()
    const days = ['2026-01-01,MAYBE,', '1800-01-01,YES_MANUAL,', '2026-01-02,YES_MANUAL,']
    const { code, stdout } = await runImport(leila.email, zipFile(exportOf({ name: 'Fast', days })))
    expect(code).toBe(3)
    expect(stdout).toContain(
      [
        'Left out:',
        '  001 habit/Checkmarks.csv:2: "MAYBE" is not a value of a yes-or-no habit.',
        "  Fast, 1800-01-01: Days before 1900-01-01 can't be recorded.",
        '',
        '1 habit (1 new deed): 1 created, 0 updated, 0 unchanged, 1 left out; 0 days without a record; 2 problems.',
      ].join('\n'),
    )
    expect(await diaryOf(leila)).toEqual(['Fast | Fast | 2026-01-02 | 1 | '])
  })

  test('what can not be is one line and exit 1; wrong usage is exit 2', async () => {
    const leila = await world.newImporter()
    const nobody = await runImport('nobody@kitaab.example', zipFile(habits))
    expect(nobody).toMatchObject({ code: 1, stdout: '' })
    expect(nobody.stderr).toMatch(/^Nobody has an account with the address nobody@kitaab\.example: .*\n$/)
    const nothing = await runImport(leila.email, path.join(folder, 'nowhere'))
    expect(nothing).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There is no file or folder .*nowhere\.\n$/),
    })
    expect((await kitaab(['import', '--format', 'diary', '--user', leila.email, folder], {})).code).toBe(2)
    expect((await kitaab(['import', '--format', 'loop', folder], {})).code).toBe(2)
    expect(await deedsOf(leila)).toEqual([])
  })

  test('--help says what the exit codes mean', async () => {
    const { code, stdout } = await kitaab(['import', '--help'], {})
    expect(code).toBe(0)
    expect(stdout).toContain('3 some rows were left out')
  })
})

test('an embedded database is made and started for the import, or joined while somebody else runs it', async () => {
  const home = homes.newHome()
  const run = () =>
    kitaab(['import', '--format', 'loop', '--user', 'leila@kitaab.example', zipFile(habits)], { KITAAB_HOME: home })
  expect(await run()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Nobody has an account') })
  expect((await kitaab(['demo'], { KITAAB_HOME: home })).code).toBe(0)
  expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining('3 created') })
  const { child } = await holdHome(home)
  children.push(child)
  expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining('3 unchanged') })
  expect(child.exitCode).toBeNull()
}, 60_000)
