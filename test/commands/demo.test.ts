import { afterEach, expect, test } from '@jest/globals'
import { addressOf, kitaab } from '../support/command.ts'
import { newDatabase } from '../support/database.ts'
import { temporaryHomes } from '../support/homes.ts'

const homes = temporaryHomes()
afterEach(() => homes.removeAll())

test('it makes the world once, names everybody and the password, and refuses where somebody is', async () => {
  const env = { KITAAB_HOME: homes.newHome() }
  const first = await kitaab(['demo'], env)
  expect(first).toMatchObject({ code: 0, stdout: '' })
  const people = ['leila', 'budi', 'maryam', 'support', 'admin'].map((name) => `${name}@kitaab.example`)
  for (const said of [...people, 'kitaab-demo-only']) expect(first.stderr).toContain(said)
  expect(await kitaab(['demo'], env)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'There are accounts in this database already: the demo world is made only where nothing is.\n',
  })
}, 60_000)

test('on a database that is not the embedded one it does nothing', async () => {
  const database = await newDatabase()
  const outcome = await kitaab(['demo'], {
    DATABASE_URL: addressOf(database.connections, 'kitaab_app'),
    DATABASE_ADMIN_URL: addressOf(database.connections, 'kitaab_admin'),
    KITAAB_HOME: homes.newHome(),
  })
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('is made only on the embedded database') })
  expect((await database.admin.query('select count(*)::int as people from users')).rows).toEqual([{ people: 0 }])
  await database.stop()
})
