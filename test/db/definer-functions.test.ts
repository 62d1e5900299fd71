import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newDatabase, type TestDatabase } from '../support/database.ts'

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
  order by p.oid::regprocedure::text collate "C"`

test('the functions that run with their owner’s rights are those of db/definer-functions.txt', async () => {
  const { rows } = await database.superuser.query(definers)
  const listed = readFileSync('db/definer-functions.txt', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  expect(rows.map(({ name, owner, callers }) => `${name}  ${owner}  ${callers}`)).toEqual(listed)
})

test('each of them fixes its search path, temporary tables last, and none is open to everybody', async () => {
  const { rows } = await database.superuser.query(definers)
  expect(rows.length).toBeGreaterThan(20)
  for (const { proconfig, callers } of rows) {
    expect(proconfig).toContain('search_path=pg_catalog, public, pg_temp')
    expect(callers).not.toContain('PUBLIC')
  }
})

test('nobody but the owner of the schema makes objects in it', async () => {
  const { rows } = await database.superuser.query(
    `select role from unnest('{kitaab_app,kitaab_auth,kitaab_worker,kitaab_readonly}'::text[]) as role
     where has_schema_privilege(role, 'public', 'create')`,
  )
  expect(rows).toEqual([])
})
