import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { archiveOf, zipFile } from '../domains/transfer/archive/archives.ts'
import { demoDatabase, type RichWorld } from '../domains/transfer/archive/rich-world.ts'
import { addressOf, kitaab } from '../support/command.ts'

let world: RichWorld
let folder: string
let file: string
beforeAll(async () => {
  world = await demoDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'kitaab-archives-'))
  file = await zipFile(folder, await archiveOf(world.databases, world.people.budi))
})
afterAll(async () => {
  await world.stop()
  await rm(folder, { recursive: true })
})

/** As a person runs it, on the database of this test. */
function runImport(email: string, ...args: string[]) {
  const { connections } = world.database
  return kitaab(['import', '--format', 'kitaab', '--user', email, ...args], {
    DATABASE_URL: addressOf(connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
    DATABASE_WORKER_URL: addressOf(connections, 'kitaab_worker'),
    DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
    KITAAB_HOME: path.join(folder, '.kitaab'),
  })
}

const entriesOf = async (userId: string) =>
  (await world.sql('select count(*) as count from entries where user_id = $1', [userId]))[0]?.count

test('an archive goes into an empty account, is reported, and goes in once', async () => {
  const userId = await world.newAccount('new@kitaab.example')
  const tried = await runImport('new@kitaab.example', file, '--dry-run')
  expect(tried).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/entries: \d+[\s\S]*This was a dry run/),
  })
  expect(await entriesOf(userId)).toBe('0')
  const done = await runImport('new@kitaab.example', file, '--json')
  expect(done).toMatchObject({ code: 0, stderr: '' })
  const count = await entriesOf(world.people.budi)
  expect(JSON.parse(done.stdout).files).toContainEqual({ name: 'entries', rows: Number(count) })
  expect(await entriesOf(userId)).toBe(count)
  const again = await runImport('new@kitaab.example', file)
  expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('The account is not empty') })
})

test('nobody, and no archive, are told in one line', async () => {
  expect(await runImport('nobody@kitaab.example', file)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Nobody has an account with the address nobody@kitaab.example: .*\n$/),
  })
  await world.newAccount('some@kitaab.example')
  expect(await runImport('some@kitaab.example', path.join(folder, 'none.zip'))).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There is no file .*none\.zip that can be read\.\n$/),
  })
})
