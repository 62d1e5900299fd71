import { allScopes } from '../../src/domains/identity/rules.ts'
import { toGlobalId } from '../../src/platform/graphql/global-ids.ts'
import type { Viewer } from '../../src/platform/viewer.ts'
import type { TestDatabase } from './database.ts'

/** Somebody with an account and an open session, for `execute(..., { as })`. */
export interface TestPerson extends Viewer {
  readonly name: string
  /** Of the `User`. */
  readonly globalId: string
}

let count = 0

/** A person of this name whose days are those of `timeZone`, `dayStartMinutes` after midnight. */
export async function newUser(
  { admin }: TestDatabase,
  name: string,
  { timeZone = 'UTC', dayStartMinutes = 0, weekStart = 1 } = {},
): Promise<TestPerson> {
  count += 1
  const { rows } = await admin.query<{ user_id: string; session_id: string }>(
    `with person as (
       insert into users (email, full_name, password_hash, email_verified, time_zone, day_start_minutes, week_start)
       values ($1, $2, '-', true, $3, $4, $5) returning user_id
     )
     insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from person
     returning user_id, session_id`,
    [`${name}-${count}@kitaab.example`, name, timeZone, dayStartMinutes, weekStart],
  )
  const [row] = rows
  if (!row) throw new Error('nobody was made')
  const globalId = toGlobalId('User', { userId: row.user_id })
  return { userId: row.user_id, sessionId: row.session_id, role: 'member', scopes: allScopes, name, globalId }
}
