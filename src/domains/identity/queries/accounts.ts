import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

// SQL of `kitaab_auth`, which sees the accounts of everybody: for identity before there is a viewer, and nothing else.

/** What is needed to log somebody in. `email` without regard to case. */
function accounts(db: Database) {
  return db
    .selectFrom('users')
    .select([
      'users.user_id as userId',
      sql<string>`coalesce(users.email, '')`.as('email'),
      sql<string>`coalesce(users.full_name, '')`.as('fullName'),
      'users.email_verified as emailVerified',
      'users.password_hash as passwordHash',
      'users.role',
      'users.status',
      'users.locale',
    ])
}

export type KnownAccount = Awaited<ReturnType<typeof accountByEmail>>

export function accountByEmail(db: Database, email: string) {
  return accounts(db).where('users.email', '=', email).executeTakeFirst()
}

export function accountById(db: Database, userId: UserId) {
  return accounts(db).where('users.user_id', '=', userId).executeTakeFirst()
}

export interface NewAccount {
  email: string
  passwordHash: string
  fullName: string
  username: string | null
  timeZone: string
  locale: string
}

/** Opens an account; undefined when the address has one already. A taken username breaks `users_username_key`. */
export function insertAccount(db: Database, account: NewAccount) {
  return db
    .insertInto('users')
    .values({
      email: account.email,
      password_hash: account.passwordHash,
      full_name: account.fullName,
      username: account.username,
      time_zone: account.timeZone,
      locale: account.locale,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('user_id as userId')
    .executeTakeFirst()
}

/** Whether a username is taken, whoever has it. */
export async function isUsernameTaken(db: Database, username: string): Promise<boolean> {
  const row = await db.selectFrom('users').where('username', '=', username).select('user_id').executeTakeFirst()
  return row !== undefined
}

/**
 * SES-4 A trigger ends all sessions with it; links that would set another password, or were asked for by the old one, end here. False when the hash is no longer
 * `before`: somebody else was faster.
 */
export async function setPassword(
  db: Database,
  { userId, passwordHash: before }: { userId: UserId; passwordHash: string | null },
  passwordHash: string,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .where('user_id', '=', userId)
    .where('password_hash', '=', before)
    .set({ password_hash: passwordHash })
    .executeTakeFirst()
  await voidTokens(db, userId, ['reset_password', 'change_email'])
  return numUpdatedRows > 0n
}

export async function setEmailVerified(db: Database, userId: UserId): Promise<void> {
  await db.updateTable('users').where('user_id', '=', userId).set({ email_verified: true }).execute()
}

/**
 * SES-4 The account gets an address that was confirmed, and links to the one before it end. False when it is not active; another's address
 * breaks `users_email_key`.
 */
export async function setEmail(db: Database, userId: UserId, email: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .where('user_id', '=', userId)
    .where('status', '=', 'active')
    .set({ email, email_verified: true })
    .executeTakeFirst()
  await voidTokens(db, userId, ['verify_email', 'change_email', 'reset_password'])
  return numUpdatedRows > 0n
}

/** Holds the account as it was read until the commit; false when password or status have changed since. */
export async function holdAccount(
  db: Database,
  { userId, passwordHash }: { userId: UserId; passwordHash: string | null },
): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .where('user_id', '=', userId)
    .where('password_hash', '=', passwordHash)
    .where('status', '=', 'active')
    .select('user_id')
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}

async function voidTokens(db: Database, userId: UserId, purposes: readonly TokenPurpose[]): Promise<void> {
  await db
    .updateTable('one_time_tokens')
    .where('user_id', '=', userId)
    .where('purpose', 'in', purposes)
    .where('used_at', 'is', null)
    .set({ used_at: sql<string>`now()` })
    .execute()
}

// ------------------------------------------------------------------------------------------------ one-time tokens

export type TokenPurpose = 'verify_email' | 'change_email' | 'reset_password'

/**
 * SES-4 Stores the hash (SHA-256) of a token that is good once, for so many hours. False, and nothing stored, when the account got
 * `mostAnHour` within the last: whoever asks for more fills no table, and no mailbox from several processes.
 */
export async function insertOneTimeToken(
  db: Database,
  token: {
    userId: UserId
    purpose: TokenPurpose
    email: string | null
    hash: Buffer
    hours: number
    mostAnHour: number
  },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into one_time_tokens (user_id, purpose, email, token_hash, expires_at)
    select ${token.userId}::bigint, ${token.purpose}::token_purpose, ${token.email}::citext, ${token.hash}::bytea,
      now() + make_interval(hours => ${token.hours}::integer)
    where ${token.mostAnHour}::integer > (
      select count(*) from one_time_tokens
      where user_id = ${token.userId}::bigint and created_at > now() - interval '1 hour'
    )
  `.execute(db)
  return numAffectedRows === 1n
}

/** Uses a token up; whose it was and which address it changes to, or undefined when it is unknown, used or expired. */
export function takeOneTimeToken(db: Database, purposes: readonly TokenPurpose[], hash: Buffer) {
  return db
    .updateTable('one_time_tokens')
    .where('token_hash', '=', hash)
    .where('purpose', 'in', purposes)
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<string>`now()`)
    .set({ used_at: sql<string>`now()` })
    .returning(['user_id as userId', 'email'])
    .executeTakeFirst()
}

// ------------------------------------------------------------------------------------------------ failures to log in

/** What counts against an attempt: failures before it, and in how many seconds the oldest of them no longer does. */
export interface Attempt {
  id: string
  ofAccount: number
  ofAddress: number
  accountWait: number
  addressWait: number
}

/**
 * SES-1 Notes an attempt before it is judged, so that attempts at once are counted too, by whichever process. In a transaction: it holds
 * the address until the commit, as two that are noted at the same moment would not see each other.
 */
export async function noteAttempt(db: Database, account: string, ip: string): Promise<Attempt> {
  await sql`select pg_advisory_xact_lock(hashtextextended('login:' || ${ip}, 0))`.execute(db)
  const { rows } = await sql<Attempt>`
    with attempt as (insert into login_failures (account, ip) values (${account}, ${ip}) returning login_failure_id)
    select
      (select login_failure_id from attempt) as id,
      count(*) filter (where account = ${account} and failed_at > now() - interval '15 minutes')::integer as "ofAccount",
      count(*)::integer as "ofAddress",
      coalesce(ceil(extract(epoch from min(failed_at) filter (
        where account = ${account} and failed_at > now() - interval '15 minutes'
      ) + interval '15 minutes' - now())), 0)::integer as "accountWait",
      coalesce(ceil(extract(epoch from min(failed_at) + interval '1 hour' - now())), 0)::integer as "addressWait"
    from login_failures
    where ip = ${ip} and failed_at > now() - interval '1 hour'
  `.execute(db)
  const [attempt] = rows
  if (!attempt) throw new Error('An aggregate has one row.')
  return attempt
}

/** Takes an attempt off the record that was refused without being judged. */
export async function forgetAttempt(db: Database, attempt: string): Promise<void> {
  await db.deleteFrom('login_failures').where('login_failure_id', '=', attempt).execute()
}

/** A success forgets the failures of the account: those from this address, or without `ip` all. */
export async function forgetFailures(db: Database, account: string, ip?: string): Promise<void> {
  let failures = db.deleteFrom('login_failures').where('account', '=', account)
  if (ip !== undefined) failures = failures.where('ip', '=', ip)
  await failures.execute()
}
