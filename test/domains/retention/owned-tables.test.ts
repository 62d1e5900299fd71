import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { namedOnly, ownedTables } from '../../../src/domains/retention/queries/owned-tables.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await newDatabase()
})
afterAll(() => database.stop())

const known = [...ownedTables.map(({ table, owner }) => `${table}.${owner}`), ...namedOnly]

test('whatever names a person is known to what erases accounts', async () => {
  // When this fails: put the new table into `ownedTables`, before what its rows hang from, or its column into `namedOnly`.
  const { rows } = await database.superuser.query(`
    select pg_class.oid::regclass || '.' || attname as name
    from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where relnamespace in ('public'::regnamespace, 'reporting'::regnamespace) and relkind in ('r', 'p') and not relispartition and (
      attname ~ '(user_id|viewer_id|actor_id|author_id|requester_id|requestee_id|_by)$'
      or exists (
        select from pg_constraint
        where contype = 'f' and conrelid = pg_class.oid and confrelid = 'users'::regclass and conkey = array[attnum]
      )
    )`)
  expect(rows.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
})

test('each table is deleted before those that its rows hang from, by its primary key', async () => {
  const { rows } = await database.superuser.query(`
    select child.relname as child, parent.relname as parent from pg_constraint
    join pg_class as child on child.oid = conrelid join pg_class as parent on parent.oid = confrelid
    where contype = 'f' and not child.relispartition and conrelid <> confrelid and parent.relname <> 'users'`)
  const place = (name: string) => ownedTables.findLastIndex(({ table }) => table === name)
  expect(rows.length).toBeGreaterThan(10)
  expect(rows.filter(({ child, parent }) => place(child) === -1 || place(child) >= place(parent))).toEqual([])
  const { rows: keys } = await database.superuser.query(`
    select pg_class.oid::regclass::text as table, array(
      select attname::text from unnest(indkey) with ordinality as part (number, place)
      join pg_attribute on attrelid = indrelid and attnum = number order by place
    ) as key
    from pg_index join pg_class on pg_class.oid = indrelid where indisprimary`)
  const keyOf = new Map(keys.map(({ table, key }) => [table, key]))
  expect(ownedTables.filter(({ table, key }) => String(keyOf.get(table)) !== String(key))).toEqual([])
})
