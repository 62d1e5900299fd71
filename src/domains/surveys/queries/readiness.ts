import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'

/** Whether the database has the tables of surveys, which need PostGIS. Any role may ask. */
export async function hasSurveys(db: Database): Promise<boolean> {
  const { rows } = await sql<{
    has: boolean
  }>`select to_regclass('public.calculation_scans') is not null as has`.execute(db)
  return rows[0]?.has === true
}
