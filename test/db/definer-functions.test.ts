import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newDatabase, type TestDatabase } from '../support/database.ts'
import { describeWithPostgis, newPostgisDatabase } from '../support/postgis.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await newDatabase()
})
afterAll(() => database.stop())

const definers = `
  select p.oid::regprocedure::text as name, pg_get_userbyid(proowner)::text as owner, proconfig,
    coalesce((
      select string_agg(case grantee when 0 then 'PUBLIC' else pg_get_userbyid(grantee) end, ', ' order by pg_get_userbyid(grantee))
      from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee <> proowner
    ), 'nobody') as callers
  from pg_proc as p
  where prosecdef and pronamespace = 'public'::regnamespace
    -- What an extension brings is its own.
    and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
  order by p.oid::regprocedure::text collate "C"`

const listedIn = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

async function definersOf({ superuser }: TestDatabase): Promise<string[]> {
  const { rows } = await superuser.query(definers)
  for (const { proconfig, callers } of rows) {
    expect(proconfig).toContain('search_path=pg_catalog, public, pg_temp')
    expect(callers).not.toContain('PUBLIC')
  }
  return rows.map(({ name, owner, callers }) => `${name}  ${owner}  ${callers}`)
}

test('the functions that run with their owner’s rights are those of db/definer-functions.txt, their search path fixed, none open to all', async () => {
  expect(await definersOf(database)).toEqual(listedIn('db/definer-functions.txt'))
})

describeWithPostgis('with surveys', () => {
  test('there are those of db/definer-functions-postgis.txt besides', async () => {
    const withSurveys = await newPostgisDatabase()
    try {
      const all = await definersOf(withSurveys)
      const main = listedIn('db/definer-functions.txt')
      expect(all.filter((line) => !main.includes(line))).toEqual(listedIn('db/definer-functions-postgis.txt'))
      expect(all.length).toBeGreaterThan(main.length)
    } finally {
      await withSurveys.stop()
    }
  }, 60_000)
})

test('nobody but the owner of the schema makes objects in it', async () => {
  const { rows } = await database.superuser.query(
    `select role from unnest('{kitaab_app,kitaab_auth,kitaab_worker,kitaab_readonly}'::text[]) as role
     where has_schema_privilege(role, 'public', 'create')`,
  )
  expect(rows).toEqual([])
})
