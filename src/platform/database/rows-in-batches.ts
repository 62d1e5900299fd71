import { type RawBuilder, sql } from 'kysely'
import type { Database } from './types.ts'

const cursor = sql.id('rows_in_batches')
const batchSize = 1_000

/**
 * The rows of one query, a batch at a time, however many there are: nothing is read ahead of whoever asks. `db` is one connection within a
 * transaction (`db.long.connection()`), on which one such query runs at a time; whoever stops early has closed it.
 */
export async function* rowsInBatches<Row>(
  db: Database,
  query: RawBuilder<Row>,
  { size = batchSize } = {},
): AsyncGenerator<Row[], void> {
  await sql`declare ${cursor} no scroll cursor for ${query}`.execute(db)
  let isOpen = true
  try {
    for (;;) {
      const { rows } = await sql<Row>`fetch forward ${sql.lit(size)} from ${cursor}`.execute(db).catch((error) => {
        // The transaction is aborted, and the cursor gone with it.
        isOpen = false
        throw error
      })
      if (rows.length === 0) return
      yield rows
    }
  } finally {
    if (isOpen) await sql`close ${cursor}`.execute(db)
  }
}
