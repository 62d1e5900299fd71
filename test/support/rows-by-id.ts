// How to know rows wherever they turn up: by ids that no two rows have.
import type { TestDatabase } from './database.ts'

/** Ids from here on, a million for each table: no two rows, of whichever tables, have the same. */
export async function idsFrom({ superuser }: TestDatabase, first: number): Promise<void> {
  await superuser.query(
    `select setval(seqrelid, $1::bigint + 1000000 * row_number() over (order by seqrelid))
     from pg_sequence join pg_class on pg_class.oid = seqrelid
     where seqtypid = 'bigint'::regtype and relnamespace = 'public'::regnamespace`,
    [first],
  )
}

/** The tables, by id, of those of these rows that stand among what was answered. */
export function rowsAmong(tables: ReadonlyMap<string, string>, answered: readonly unknown[]): string[] {
  if (answered.length === 0) return []
  const found = JSON.stringify(answered).match(/\d{10,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []
  return [...new Set(found.flatMap((id) => tables.get(id) ?? []))]
}
