import type { Database } from '../../platform/database/types.ts'
import { changedOwners, forgetErased, keepDays } from './queries/person-days.ts'
import { databaseNow, noteKept, publishMonth, publishWeeks, takeStaleMonths } from './queries/publishing.ts'

/** What a run came to. */
export interface Kept {
  /** Owners something of whom had changed. */
  readonly owners: number
  /** Months whose totals were made anew. */
  readonly months: number
}

const ownersAtOnce = 200

/**
 * Brings the totals for analysts up to date with what changed since the last run, whichever days it was about. `db` is connected as
 * `kitaab_worker`. Some owners at a time are a transaction, and all totals are one: a run that was broken off is gone on with by the next, and
 * an analyst never sees one month as it was and another as it is.
 */
export async function keepStatistics(db: Database, { signal }: { readonly signal: AbortSignal }): Promise<Kept> {
  const keptAt = await databaseNow(db)
  await forgetErased(db)
  let count = 0
  for (let after = '0'; ; ) {
    signal.throwIfAborted()
    const owners = await inOneSnapshot(db, async (tx) => {
      const changed = await changedOwners(tx, { after, limit: ownersAtOnce })
      if (changed.length > 0) await keepDays(tx, changed)
      return changed
    })
    const last = owners.at(-1)
    if (last === undefined) break
    count += owners.length
    after = last.ownerId
  }
  return { owners: count, months: await publish(db, keptAt, signal) }
}

async function publish(db: Database, keptAt: string, signal: AbortSignal): Promise<number> {
  return inOneSnapshot(db, async (tx) => {
    const months = await takeStaleMonths(tx)
    for (const month of months) {
      signal.throwIfAborted()
      await publishMonth(tx, month)
    }
    if (months.length > 0) await publishWeeks(tx, months)
    await noteKept(tx, keptAt)
    return months.length
  })
}

function inOneSnapshot<Result>(db: Database, work: (tx: Database) => Promise<Result>): Promise<Result> {
  return db.transaction().setIsolationLevel('repeatable read').execute(work)
}
