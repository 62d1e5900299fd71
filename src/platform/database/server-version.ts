import { sql } from 'kysely'
import type { Database } from './types.ts'

/** Major version of the PostgreSQL server, such as `18`. */
export async function serverVersion(db: Database): Promise<string> {
  const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db)
  return rows[0]?.version.split(/[. ]/)[0] ?? ''
}
