import { afterEach, beforeEach, expect, test } from '@jest/globals'
import {
  migrateDown,
  migrateUp,
  migrationStates,
  newestMigration,
  schemaState,
  surveysState,
} from '../../src/platform/database/migrator.ts'
import type { TestDatabase } from '../support/database.ts'
import { describeWithPostgis, newPostgisDatabase } from '../support/postgis.ts'

/** What the migrations of surveys made, one line each. */
async function catalogue({ superuser }: TestDatabase): Promise<string[]> {
  const { rows } = await superuser.query(`
    with extension as (select objid from pg_depend where deptype = 'e'), made (line) as (
      select format('%s %s %s %s', relkind, relname, relacl, relforcerowsecurity) from pg_class
      where relnamespace = 'public'::regnamespace and relname not like 'kysely%' and oid not in (select objid from extension)
      union all
      select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'kysely%' and conrelid not in (select objid from extension)
      union all
      select format('trigger %s', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
      union all
      select format('policy %s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check) from pg_policies
      union all
      select format('function %s %s %s', p.oid::regprocedure, proacl, pg_get_functiondef(p.oid)) from pg_proc as p
      where pronamespace = 'public'::regnamespace and prokind in ('f', 'p') and p.oid not in (select objid from extension)
      union all
      select format('task %s', task) from enqueueable_tasks
      union all
      select format('type %s', typname) from pg_type as t
      where typnamespace = 'public'::regnamespace and typname !~ '^_?kysely'
        and t.oid not in (select objid from extension) and t.typelem not in (select objid from extension)
    )
    select line from made order by 1`)
  return rows.map((row) => row.line)
}

const ofSurveys = /project|(?<!seq)scan|calculation|storage_tier|point_cloud/

describeWithPostgis('migrations of surveys', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await newPostgisDatabase({ template: 'template0' })
  })
  afterEach(() => database.stop())
  const target = () => ({ connections: database.connections })

  test('a superuser gets PostGIS made, and the two sequences go up, down and up again to the same', async () => {
    const up = await migrateUp(target())
    const surveys = up.filter((name) => name.startsWith('postgis/'))
    expect(surveys[0]).toBe('postgis/0001_surveys')
    expect(await surveysState(target())).toEqual({ postgis: 'made', pending: [] })
    expect((await migrationStates(target())).map(({ name }) => name)).toEqual(up)
    const whole = await catalogue(database)
    for (const name of surveys.toReversed()) {
      expect(await newestMigration(target())).toBe(name)
      expect(await migrateDown(target())).toEqual([name])
    }
    expect((await catalogue(database)).filter((line) => ofSurveys.test(line))).toEqual([])
    expect(whole.filter((line) => ofSurveys.test(line)).length).toBeGreaterThan(50)
    expect(await migrateUp(target())).toEqual(surveys)
    expect(await catalogue(database)).toEqual(whole)
  }, 60_000)

  test('where nobody may make PostGIS all else is migrated, and once it came the next run brings surveys', async () => {
    await database.superuser.query('create extension citext; create extension btree_gist')
    const { connections } = database
    const modest = { connections: { ...connections, forAdministrator: () => connections.forRole('kitaab_admin') } }
    await database.superuser.query(
      `alter database ${database.name} owner to kitaab_admin; alter schema public owner to kitaab_admin`,
    )
    await database.superuser.query(
      'grant usage on schema public to kitaab_definer, kitaab_auth, kitaab_app, kitaab_worker',
    )
    const first = await migrateUp(modest)
    expect(first.filter((name) => name.startsWith('postgis/'))).toEqual([])
    expect(await surveysState(modest)).toMatchObject({
      postgis: 'offered',
      pending: expect.arrayContaining(['postgis/0001_surveys']),
    })
    expect((await schemaState(modest)).state).toBe('current')

    await database.superuser.query('create extension postgis')
    expect((await schemaState(modest)).state).toBe('current')
    expect((await migrateUp(modest))[0]).toBe('postgis/0001_surveys')
    expect(await surveysState(modest)).toEqual({ postgis: 'made', pending: [] })
    expect((await schemaState(modest)).state).toBe('current')
  }, 60_000)
})
