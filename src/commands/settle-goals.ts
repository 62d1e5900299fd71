import pg from 'pg'
import { type Settled, settleEndedGoals } from '../domains/progress/settling.ts'
import type { DB } from '../generated/database.ts'
import type { Connections } from '../platform/database/connections.ts'
import { withKysely } from '../platform/database/migrator.ts'
import type { Log } from '../platform/log.ts'

/** GOAL-6 Settles what ended while nobody was here. Nobody waits for it: what fails is logged, and is there for the next start. */
export async function settleInBackground(connections: Connections, log: Log, signal: AbortSignal): Promise<void> {
  try {
    const { judged, sealed, failed } = await withKysely<Settled, DB>(connections.forRole('kitaab_worker'), (db) =>
      settleEndedGoals(db, { signal }),
    )
    if (judged + sealed > 0) log.info({ judged, sealed }, 'goals whose window is over were settled')
    for (const { ownerId, error } of failed) log.error({ err: error, ownerId }, "somebody's goals could not be settled")
  } catch (error) {
    const refused = error instanceof pg.DatabaseError && error.code === '42501'
    if (refused)
      log.warn(
        'goals whose window is over are not settled: grant kitaab_worker to the login of DATABASE_URL, or set DATABASE_WORKER_URL',
      )
    else log.error({ err: error }, 'goals whose window is over could not be settled')
  }
}
