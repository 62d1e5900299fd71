import { type RawBuilder, sql } from 'kysely'
import { retrying } from '../../../platform/database/retrying.ts'
import type { Database } from '../../../platform/database/types.ts'

/** So many rows at most are deleted or blanked by one statement, which is a transaction of its own. */
export const rowsAtOnce = 2_000

/** A table, and the columns of its primary key. */
export interface Keyed {
  readonly table: string
  readonly key: readonly string[]
}

export interface Batching {
  /** Aborted when the worker ends: what is done stays done, the rest is left to the next run. */
  readonly signal: AbortSignal
}

/** Deletes the rows of a condition on the table's own columns, some at a time. Answers how many. */
export function deleteInBatches(
  db: Database,
  { table, key }: Keyed,
  condition: RawBuilder<boolean>,
  batching: Batching,
): Promise<number> {
  const [name, columns] = [sql.table(table), columnsOf(key)]
  return inBatches(
    () =>
      sql`delete from ${name} where (${columns}) in (select ${columns} from ${name} where ${condition} limit ${rowsAtOnce})`.execute(
        db,
      ),
    batching,
  )
}

/** Takes what they tell out of the rows of a log, some at a time. */
export function blankInBatches(
  db: Database,
  { table, key }: Keyed,
  condition: RawBuilder<boolean>,
  blank: readonly ('old_values' | 'new_values' | 'ip_address')[],
  batching: Batching,
): Promise<number> {
  const [name, columns] = [sql.table(table), columnsOf(key)]
  const told = sql.join(blank.map((column) => sql.ref(column)))
  const nothing = sql.join(blank.map((column) => sql`${sql.ref(column)} = null`))
  return inBatches(
    () =>
      sql`update ${name} set ${nothing} where (${columns}) in (
        select ${columns} from ${name} where ${condition} and num_nonnulls(${told}) > 0 limit ${rowsAtOnce}
      )`.execute(db),
    batching,
  )
}

async function inBatches(batch: () => Promise<{ numAffectedRows?: bigint }>, { signal }: Batching): Promise<number> {
  for (let all = 0; ; ) {
    signal.throwIfAborted()
    const count = Number((await retrying(batch)).numAffectedRows ?? 0)
    all += count
    if (count < rowsAtOnce) return all
  }
}

function columnsOf(key: readonly string[]) {
  return sql.join(key.map((column) => sql.ref(column)))
}
