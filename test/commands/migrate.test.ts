import { afterEach, expect, test } from '@jest/globals'
import { migrationNames, migrationsFolder } from '../../src/platform/database/migration-files.ts'
import { addressOf, kitaab } from '../support/command.ts'
import { newDatabase, type TestDatabase } from '../support/database.ts'
import { temporaryHomes } from '../support/homes.ts'
import { describeWithPostgis, newPostgisDatabase } from '../support/postgis.ts'

const homes = temporaryHomes()
const databases: TestDatabase[] = []

afterEach(async () => {
  for (const database of databases.splice(0)) await database.stop()
  homes.removeAll()
})

/** The variables that name a database of the test server, its administrator being the superuser. */
async function addressed(options?: { template: string }) {
  const database = await newDatabase(options)
  databases.push(database)
  const admin = addressOf(database.connections, 'kitaab_app').replace('kitaab_app@', 'postgres@')
  return {
    DATABASE_URL: addressOf(database.connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(database.connections, 'kitaab_auth'),
    DATABASE_WORKER_URL: addressOf(database.connections, 'kitaab_worker'),
    DATABASE_READONLY_URL: addressOf(database.connections, 'kitaab_readonly'),
    DATABASE_ADMIN_URL: admin,
  }
}

const names = migrationNames(migrationsFolder)
const newest = names.at(-1) ?? ''

test('an empty server becomes current by "migrate up", and doctor then finds nothing wrong', async () => {
  const env = { ...(await addressed({ template: 'template0' })), KITAAB_HOME: homes.newHome() }
  const before = await kitaab(['migrate', 'status'], env)
  expect(before).toMatchObject({ code: 1, stdout: names.map((name) => `pending                   ${name}\n`).join('') })
  expect((await kitaab(['doctor'], env)).code).toBe(1)

  const up = await kitaab(['migrate', 'up'], env)
  expect(up).toMatchObject({ code: 0, stdout: '' })
  expect(up.stderr.split('\n')).toEqual([...names.map((name) => `applied ${name}`), 'The schema is current.', ''])

  expect((await kitaab(['migrate', 'status'], env)).code).toBe(0)
  const doctor = await kitaab(['doctor', '--json'], env)
  expect(JSON.parse(doctor.stdout).filter(({ ok }: { ok: boolean }) => !ok)).toEqual([])
  expect(doctor.code).toBe(0)
})

test('a step is taken back only when the loss is agreed to', async () => {
  const env = await addressed()
  const asked = await kitaab(['migrate', 'down'], env)
  expect(asked.code).toBe(1)
  expect(asked.stderr).toBe(`This takes back ${newest} and loses the data that only it can hold: say so with --yes.\n`)
  expect((await kitaab(['migrate', 'down', '--yes'], env)).stderr).toBe(`took back ${newest}\n`)
  expect((await kitaab(['migrate', 'status'], env)).stdout).toContain(`pending                   ${newest}\n`)
})

test("doctor names a schema that is not the code's, and what to run", async () => {
  const env = await addressed()
  await kitaab(['migrate', 'down', '--yes'], env)
  const { code, stdout } = await kitaab(['doctor'], env)
  expect(code).toBe(1)
  expect(stdout).toContain(`WRONG  schema: pending: ${newest}: run "npm run migrate up"`)
})

test('a server that does not answer is one line, and exit 1', async () => {
  const env = { DATABASE_URL: 'postgres://kitaab_app@127.0.0.1:1/kitaab' }
  const { code, stderr } = await kitaab(['migrate', 'status'], env)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^connect ECONNREFUSED 127\.0\.0\.1:1\n$/)
})

test('a bad value is one line, and exit 78; an unknown command is exit 2', async () => {
  expect(await kitaab(['migrate', 'status'], { PORT: 'many' })).toEqual({
    code: 78,
    stdout: '',
    stderr: 'PORT must be a whole number from 0 to 65535, not "many".\n',
  })
  expect((await kitaab(['sing'], {})).code).toBe(2)
  expect((await kitaab(['migrate', 'sideways'], {})).code).toBe(2)
  expect((await kitaab(['migrate', '--help'], {})).code).toBe(0)
})

describeWithPostgis('"migrate" for surveys', () => {
  test('says what a superuser must do, brings surveys once that is done, and takes them back first', async () => {
    const database = await newPostgisDatabase({ template: 'template0' })
    databases.push(database)
    const { superuser, connections } = database
    await superuser.query(
      'create extension citext; create extension btree_gist; alter schema public owner to kitaab_admin',
    )
    await superuser.query('grant usage on schema public to kitaab_definer, kitaab_auth, kitaab_app, kitaab_worker')
    const env = {
      DATABASE_URL: addressOf(connections, 'kitaab_app'),
      DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
      KITAAB_HOME: homes.newHome(),
    }
    const up = await kitaab(['migrate', 'up'], env)
    expect(up.code).toBe(0)
    expect(up.stderr).toContain(
      `The schema is current.\nSurveys need PostGIS, which this server offers: run "psql --dbname=${database.name} `,
    )
    expect((await kitaab(['migrate', 'status'], env)).stdout).not.toContain('postgis/')

    await superuser.query('create extension postgis schema public')
    const status = await kitaab(['migrate', 'status'], env)
    expect(status).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('pending                   postgis/0001_surveys\n'),
    })
    const surveys = await kitaab(['migrate', 'up'], env)
    expect(surveys.stderr).toMatch(/^applied postgis\/0001_surveys\n(?:.|\n)*The schema is current\.\n$/)
    expect((await kitaab(['migrate', 'down'], env)).stderr).toMatch(/^This takes back postgis\//)
  }, 60_000)
})
