import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { migrateDown, migrateUp } from '../../src/platform/database/migrator.ts'
import { newDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await newDatabase({ template: 'template0' })
})
afterAll(() => database.stop())

/** Everything that migrations make in the public schema, one line each; what extensions and the migrator made left out. */
async function catalogue(): Promise<string[]> {
  const { rows } = await database.superuser.query(`
    with made (line) as (
      select format('%s %s %s %s', relkind, relname, relacl, relforcerowsecurity) from pg_class
      where relnamespace = 'public'::regnamespace and relname not like 'kysely%'
      union all
      select format('%s.%s %s %s %s', c.relname, attname, atttypid::regtype, attnotnull, pg_get_expr(adbin, adrelid)) from pg_class as c
      join pg_attribute as a on attrelid = c.oid and attnum > 0 and not attisdropped
      left join pg_attrdef on adrelid = c.oid and adnum = attnum
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and relname not like 'kysely%'
      union all
      select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'kysely%'
      union all
      select format('trigger %s', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
      union all
      select format('policy %s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check) from pg_policies
      union all
      select format('function %s %s %s', p.oid::regprocedure, proacl, pg_get_functiondef(p.oid)) from pg_proc as p
      where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
        and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
      union all
      select format('type %s', typname) from pg_type as t
      where typnamespace = 'public'::regnamespace and typname !~ '^_?kysely'
        and not exists (select from pg_depend where objid in (t.oid, t.typelem) and deptype = 'e')
      union all
      select format('schema %s', nspacl) from pg_namespace where nspname = 'public'
    )
    select line from made order by 1`)
  return rows.map((row) => row.line)
}

test('the migrations go up, all the way down leaving nothing, and up again to the same schema', async () => {
  const up = await migrateUp({ connections: database.connections })
  expect(up.length).toBeGreaterThan(0)
  const first = await catalogue()

  for (let left = up.length; left > 0; left -= 1) await migrateDown({ connections: database.connections })
  const remains = (await catalogue()).filter((line) => !line.startsWith('schema'))
  expect(remains).toEqual([])

  await migrateUp({ connections: database.connections })
  expect(await catalogue()).toEqual(first)
}, 60_000)
