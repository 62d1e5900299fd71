import { sql } from 'kysely'
import type { Database } from '../../../src/platform/database/types.ts'
import type { TestDatabase } from '../../support/database.ts'
import { extensionsOf, pages } from '../../support/diaries.ts'

/** Writes a page into the diary of `userId`. */
export function writePage(tx: Database, userId: string, page: number, text = 'new') {
  return sql`insert into diaries (user_id, page, text) values (${userId}, ${page}, ${text})`.execute(tx)
}

/** What was written besides the pages that every diary begins with. */
export const writtenPages = async (db: Database) => (await pages(db)).slice(3)

/** What the refusal of `attempt` says. */
export async function refusal(attempt: Promise<unknown>) {
  const error: unknown = await attempt.then(
    () => 'nothing was refused',
    (reason: unknown) => reason,
  )
  return extensionsOf(error)
}

/** A table of which a row may follow another that is there only by the commit. */
export const makePledges = ({ admin }: TestDatabase) =>
  admin.query(`
    create table pledges (pledge integer primary key, follows integer references pledges deferrable initially deferred);
    grant insert, select on pledges to kitaab_app`)
