import type { Config } from '../../config.ts'
import type { Connections } from '../../platform/database/connections.ts'
import { type PostgisState, postgisAdvice } from '../../platform/database/migration-sequences.ts'
import { surveysState, withClient } from '../../platform/database/migrator.ts'

/** Whether there are surveys, and what to do for them. Without, nothing is wrong: everything else runs. */
export async function lookAtSurveys({ database }: Config, connections: Connections): Promise<string> {
  const { postgis, pending } = await surveysState({ connections })
  const name = connections.forAdministrator().database
  if (postgis !== 'made') return `none: ${adviceFor(postgis, database.kind, name)}`
  const { rows } = await withClient(connections.forRole('kitaab_app'), (client) =>
    client.query('select postgis_lib_version() as version'),
  )
  const has = `PostGIS ${rows[0].version}`
  return pending.length === 0 ? has : `${has}, and no surveys yet: run "npm run migrate up"`
}

export function adviceFor(state: PostgisState, kind: Config['database']['kind'], database?: string): string {
  if (kind === 'embedded' && state === 'missing')
    return (
      'the PostgreSQL that Kitaab brings has no PostGIS. Install one that has (Debian: postgresql-15-postgis-3), then name its "bin" ' +
      'folder in KITAAB_POSTGRES_BIN, with a KITAAB_HOME of its own; or name a server in DATABASE_URL'
    )
  return postgisAdvice(state, database) ?? ''
}
