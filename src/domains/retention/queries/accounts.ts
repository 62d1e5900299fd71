import { sql } from 'kysely'
import { retrying } from '../../../platform/database/retrying.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { hasSurveys } from '../../surveys/queries/readiness.ts'
import { type Batching, blankInBatches, deleteInBatches } from './batches.ts'
import { ownedSurveyTables, sharedSurveyTables } from './owned-survey-tables.ts'
import { auditLog, entryHistory, ownedTables, sharedTables } from './owned-tables.ts'

/** People behind `after` whose accounts are to be erased by now, or are being erased, in the order of their ids. */
export async function accountsToErase(
  db: Database,
  { now, after, limit }: { now: Date; after: UserId; limit: number },
): Promise<UserId[]> {
  const rows = await db
    .selectFrom('users')
    .where('closes_at', '<=', now.toISOString())
    .where('user_id', '>', after)
    .select('user_id')
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/**
 * Makes a person who closed the account vanish: nothing is shared any more, nobody logs in, and the address is free. Answers that
 * address; null when this was done before, or the account is kept after all. `closes_at` stays until all is erased.
 */
export async function vanish(
  db: Database,
  userId: UserId,
  now: Date,
): Promise<{ email: string; emailVerified: boolean; locale: string } | null> {
  return retrying(() => db.transaction().execute((tx) => vanishIn(tx, userId, now)))
}

async function vanishIn(tx: Database, userId: UserId, now: Date) {
  // In the order of those who write: what is begun for this diary, and needs its owner, ends first.
  await tx.selectFrom('owner_state').where('user_id', '=', userId).select('user_id').forNoKeyUpdate().execute()
  const user = await tx
    .selectFrom('users')
    .where('user_id', '=', userId)
    .where('closes_at', '<=', now.toISOString())
    .where('erased_at', 'is', null)
    .select(['email', 'email_verified as emailVerified', 'username', 'locale'])
    .forUpdate()
    .executeTakeFirst()
  if (!user?.email) return null
  await forgetRequests(tx, userId, [user.email.toLowerCase(), user.username ?? ''])
  const shared = (await hasSurveys(tx)) ? [...sharedSurveyTables, ...sharedTables] : sharedTables
  for (const { table, owner } of shared)
    await sql`delete from ${sql.table(table)} where ${sql.ref(owner)} = ${userId}`.execute(tx)
  await sql`delete from login_failures where account in (lower(${user.email}), ${user.username})`.execute(tx)
  await sql`delete from one_time_tokens where email = ${user.email}`.execute(tx)
  await makeBlank(tx, userId, now)
  return { email: user.email, emailVerified: user.emailVerified, locale: user.locale }
}

/** Who asked for a relation has the address that they typed, in the request and in the log of it. */
async function forgetRequests(tx: Database, userId: UserId, names: readonly string[]): Promise<void> {
  const { rows } = await sql<{ userId: string; id: string }>`
    select user_id as "userId", relation_request_id as id from relation_requests as request
    where user_id <> ${userId} and (
      requestee_id = ${userId} or lower(sent_to) = any (${names}::text[]) or exists (
        select from relation_request_targets as target
        where target.user_id = request.user_id and target.relation_request_id = request.relation_request_id
          and target.requestee_id = ${userId}
      )
    )`.execute(tx)
  const asked = sql`unnest(${rows.map((row) => row.userId)}::bigint[], ${rows.map(({ id }) => id)}::bigint[])`
  await sql`
    update audit_log set old_values = null, new_values = null from ${asked} as asked (user_id, id)
    where audit_log.user_id = asked.user_id and table_name = 'relation_requests' and record_id = asked.id::text`.execute(
    tx,
  )
  for (const table of ['relation_request_targets', 'relation_requests'])
    await sql`delete from ${sql.table(table)} where (user_id, relation_request_id) in (select * from ${asked})`.execute(
      tx,
    )
}

async function makeBlank(tx: Database, userId: UserId, now: Date): Promise<void> {
  await tx
    .updateTable('users')
    .where('user_id', '=', userId)
    .set({
      status: 'erased',
      erased_at: now.toISOString(),
      email: null,
      username: null,
      full_name: null,
      password_hash: null,
      email_verified: false,
      role: 'member',
      time_zone: 'UTC',
      day_start_minutes: 0,
      week_start: 1,
      locale: 'en',
      metadata: '{}',
      last_login_at: null,
    })
    .execute()
}

/** Deletes what a person who vanished owned, table by table. What was done is not done again: nothing of it is left. */
export async function deleteOwned(db: Database, userId: UserId, batching: Batching): Promise<void> {
  const tables = (await hasSurveys(db)) ? [...ownedSurveyTables, ...ownedTables] : ownedTables
  for (const table of tables) {
    if (table.table === 'deed_items') await deleteItems(db, userId, batching)
    else await deleteInBatches(db, table, sql<boolean>`${sql.ref(table.owner)} = ${userId}`, batching)
  }
}

/** The deepest first: a batch must not take an item from above one that stays. */
async function deleteItems(db: Database, userId: UserId, batching: Batching): Promise<void> {
  const items = { table: 'deed_items', key: ['user_id', 'deed_item_id'] }
  for (let level = 10; level >= 1; level -= 1)
    await deleteInBatches(db, items, sql<boolean>`user_id = ${userId} and level = ${level}`, batching)
}

/** Takes out of the logs what they tell of a person, and from where the person did something to others. */
export async function blankLogs(db: Database, userId: UserId, batching: Batching): Promise<void> {
  const all = ['old_values', 'new_values', 'ip_address'] as const
  await blankInBatches(db, auditLog, sql<boolean>`user_id = ${userId}`, all, batching)
  // Whom they asked for a relation stands there as they typed it.
  await blankInBatches(db, auditLog, sql<boolean>`actor_id = ${userId} and table_name = 'relations'`, all, batching)
  await blankInBatches(db, auditLog, sql<boolean>`actor_id = ${userId}`, ['ip_address'], batching)
  const byDelegate = sql<boolean>`changed_by_user_id = ${userId} and changed_by_user_id <> user_id and ip_address is not null`
  await blankInBatches(db, entryHistory, byDelegate, ['ip_address'], batching)
}

/** Notes that all is done: the system did it. */
export async function closeErasure(db: Database, userId: UserId, batching: Batching): Promise<void> {
  await retrying(() =>
    db.transaction().execute(async (tx) => {
      await tx.updateTable('users').where('user_id', '=', userId).set({ closes_at: null }).execute()
      await tx
        .insertInto('audit_log')
        .values({ user_id: userId, action_type: 'users.erased', table_name: 'users', record_id: userId })
        .execute()
    }),
  )
  await blankLogs(db, userId, batching)
}
