import { sql } from 'kysely'
import type { Connections } from './connections.ts'
import { withClient } from './migrator.ts'
import type { Database } from './types.ts'

/** Makes the partitions of the coming years and months that are missing. The application's role may. */
export function ensurePartitions(connections: Connections): Promise<unknown> {
  return withClient(connections.forRole('kitaab_app'), (client) => client.query('select ensure_partitions()'))
}

export const partitionJobs = {
  async make_partitions(_: unknown, { worker }: { readonly worker: Database }): Promise<void> {
    await sql`select ensure_partitions()`.execute(worker)
  },
}

export interface PartitionedTable {
  readonly table: string
  /** The first day (YYYY-MM-DD) that no partition holds any more. */
  readonly until: string
  /** Less than one more partition's span is left. */
  readonly isShort: boolean
}

/** How far ahead each partitioned table can take rows. */
export async function partitionsAhead(connections: Connections): Promise<PartitionedTable[]> {
  const { rows } = await withClient(connections.forRole('kitaab_app'), (client) =>
    client.query<PartitionedTable>(
      `with bounds as (
         select parent.relname::text as table, regexp_match(pg_get_expr(part.relpartbound, part.oid), $$FROM \\('(.*)'\\) TO \\('(.*)'\\)$$) as span
         from pg_partitioned_table
         join pg_class as parent on parent.oid = partrelid
         join pg_inherits on inhparent = parent.oid
         join pg_class as part on part.oid = inhrelid
         where partstrat = 'r'
       ), spans as (
         select bounds.table, span[1]::timestamptz::date as starts, span[2]::timestamptz::date as ends from bounds where span is not null
       )
       select distinct on (spans.table) spans.table, ends as until, ends < current_date + (ends - starts) as "isShort"
       from spans order by spans.table, ends desc`,
    ),
  )
  return rows
}
