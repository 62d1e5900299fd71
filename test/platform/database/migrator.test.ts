import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { migrateDown, migrateUp, migrationStates, schemaState } from '../../../src/platform/database/migrator.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await newDatabase({ template: 'template0' })
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kitaab-migrations-'))
  write('0001_houses', 'create table houses (house_id int primary key);', 'drop table houses;')
  write('0002_rooms', 'create table rooms (room_id int primary key);', 'drop table rooms;')
})

afterEach(async () => {
  await database.stop()
  fs.rmSync(folder, { recursive: true })
})

function write(name: string, up: string, down: string) {
  fs.writeFileSync(path.join(folder, `${name}.up.sql`), up)
  fs.writeFileSync(path.join(folder, `${name}.down.sql`), down)
}

function remove(name: string) {
  for (const direction of ['up', 'down']) fs.rmSync(path.join(folder, `${name}.${direction}.sql`))
}

const target = () => ({ connections: database.connections, folder })

async function tables(): Promise<string[]> {
  const { rows } = await database.superuser.query(
    "select relname::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
  )
  return rows.map(({ name }) => name).filter((name) => !name.startsWith('kysely_'))
}

test('up applies what is pending in order, as kitaab_admin, and says so once', async () => {
  expect(await migrateUp(target())).toEqual(['0001_houses', '0002_rooms'])
  expect(await migrateUp(target())).toEqual([])
  expect(await tables()).toEqual(['houses', 'rooms'])
  const { rows } = await database.superuser.query(
    "select distinct tableowner::text as owner from pg_tables where schemaname = 'public'",
  )
  expect(rows).toEqual([{ owner: 'kitaab_admin' }])
})

test('down takes back the newest one, and nothing when none is left', async () => {
  await migrateUp(target())
  expect(await migrateDown(target())).toEqual(['0002_rooms'])
  expect(await tables()).toEqual(['houses'])
  expect(await migrateDown(target())).toEqual(['0001_houses'])
  expect(await migrateDown(target())).toEqual([])
})

test('the state tells current, older and newer apart, and which migrations make the difference', async () => {
  expect(await schemaState(target())).toEqual({ state: 'older', pending: ['0001_houses', '0002_rooms'], unknown: [] })
  await migrateUp(target())
  expect(await schemaState(target())).toEqual({ state: 'current', pending: [], unknown: [] })
  write('0003_doors', 'select;', 'select;')
  expect(await schemaState(target())).toEqual({ state: 'older', pending: ['0003_doors'], unknown: [] })
  remove('0002_rooms')
  remove('0003_doors')
  expect(await schemaState(target())).toEqual({ state: 'newer', pending: [], unknown: ['0002_rooms'] })
  expect(await migrationStates(target())).toEqual([
    { name: '0001_houses', appliedAt: expect.stringMatching(/^\d{4}-/), known: true, isOfSurveys: false },
    { name: '0002_rooms', appliedAt: expect.stringMatching(/^\d{4}-/), known: false, isOfSurveys: false },
  ])
})

test('a database that is newer than the code is not migrated', async () => {
  await migrateUp(target())
  remove('0002_rooms')
  await expect(migrateUp(target())).rejects.toThrow('0002_rooms')
})

test('a migration that fails leaves nothing of itself, and the error names the file and the line', async () => {
  write(
    '0003_broken',
    '-- ä: a character of two bytes\ncreate table halls (hall_id int);\n\nselect nonsense;\n',
    'select;',
  )
  await expect(migrateUp(target())).rejects.toThrow(/0003_broken\.up\.sql:4: column "nonsense" does not exist/)
  expect(await tables()).toEqual(['houses', 'rooms'])
  expect((await schemaState(target())).pending).toEqual(['0003_broken'])
})

test('a migration that says so runs outside a transaction, statement by statement', async () => {
  const statements =
    'create index concurrently on houses (house_id);  -- the first\n\n-- the second\ncreate index concurrently on rooms\n  (room_id);\n'
  write('0003_indexes', `-- no transaction\n${statements}`, 'select;')
  expect(await migrateUp(target())).toEqual(['0001_houses', '0002_rooms', '0003_indexes'])
  const { rows } = await database.superuser.query(
    "select count(*)::int as count from pg_indexes where schemaname = 'public' and tablename in ('houses', 'rooms')",
  )
  expect(rows).toEqual([{ count: 4 }])

  write('0004_broken', '-- no transaction\nselect 1;\nselect\n  nonsense;\n', 'select;')
  await expect(migrateUp(target())).rejects.toThrow(/0004_broken\.up\.sql:4: column "nonsense"/)
})

test('a migration waits for a lock only a moment, so that the service is not held up behind it', async () => {
  write(
    '0003_patience',
    "create table patience as select current_setting('lock_timeout') as lock_timeout;",
    'drop table patience;',
  )
  await migrateUp(target())
  expect((await database.superuser.query('select lock_timeout from patience')).rows).toEqual([{ lock_timeout: '5s' }])
})

test('of two migrators at once one applies and the other finds it done', async () => {
  const done = await Promise.all([migrateUp(target()), migrateUp(target())])
  expect(done.flat()).toEqual(['0001_houses', '0002_rooms'])
})

test('every migration must be able to go back', async () => {
  fs.rmSync(path.join(folder, '0002_rooms.down.sql'))
  await expect(schemaState(target())).rejects.toThrow('0002_rooms.down.sql is missing')
})

test('a login that is no superuser is told which file one must run', async () => {
  const { connections } = database
  const modest = { ...connections, forAdministrator: () => connections.forRole('kitaab_admin') }
  await expect(migrateUp({ connections: modest, folder })).rejects.toThrow(
    `The database lacks extension citext, extension btree_gist, which only a superuser may make: ` +
      `run "psql --dbname=${database.name} --file=db/roles.sql" as one, then this again.`,
  )
  await migrateUp(target())
  write('0003_doors', 'select;', 'select;')
  expect(await migrateUp({ connections: modest, folder })).toEqual(['0003_doors'])
})
