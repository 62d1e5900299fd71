// All that a person has, in every table that says of its rows whose they are: so that a test can say that nothing was changed.
import type { TestDatabase } from '../support/database.ts'

const columns = `
  select attrelid::regclass::text as table_name, attname::text as column_name
  from pg_attribute join pg_class on pg_class.oid = attrelid
  where relkind in ('r', 'p') and not relispartition and relnamespace in ('public'::regnamespace, 'reporting'::regnamespace)
    and attname = any ('{user_id,requestee_id,requester_id,viewer_id}')`

/** By table and column, a hash of the rows that name the person there. */
export async function digestOf({ superuser }: TestDatabase, userId: string): Promise<Record<string, string>> {
  const owning = (await superuser.query<{ table_name: string; column_name: string }>(columns)).rows
  const digests = owning.map(
    ({ table_name: table, column_name: column }) =>
      `select '${table}.${column}' as name, (select md5(string_agg(t::text, ' ' order by t::text)) from ${table} as t where t.${column} = $1) as digest`,
  )
  const { rows } = await superuser.query(digests.join(' union all '), [userId])
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
}
