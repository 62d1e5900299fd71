import pg from 'pg'
import type { World } from '../world/database.ts'

interface Statement {
  readonly calls: number
  /** Microseconds in all. */
  readonly time: number
  /** Its beginning, on one line. */
  readonly text: string
}

/** What PostgreSQL ran meanwhile, the dearest first, as `pg_stat_statements` counts it. */
export async function statementsBetween<Result>(world: World, work: () => Promise<Result>) {
  const client = new pg.Client(world.connections.forAdministrator())
  await client.connect()
  try {
    await client.query('select pg_stat_statements_reset()')
    const result = await work()
    const { rows } = await client.query<{ calls: string; time: number; query: string }>(
      'select calls, total_exec_time * 1000 as time, query from pg_stat_statements order by total_exec_time desc',
    )
    const statements = rows.map(({ calls, time, query }): Statement => {
      const text = query.replace(/\s+/g, ' ').slice(0, 100)
      return { calls: Number(calls), time, text }
    })
    const microseconds = statements.reduce((sum, { time }) => sum + time, 0)
    return { result, microseconds, texts: statements.slice(0, 10) }
  } finally {
    await client.end()
  }
}
