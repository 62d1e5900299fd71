import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type pg from 'pg'
import { connected } from '../support/database.ts'
import { befriend, newWorld, only, type Person, refusal, request, type World } from './world.ts'

let world: World
let auth: pg.Client
let leila: Person
let budi: Person
beforeAll(async () => {
  world = await newWorld()
  auth = await connected(world.database.connections.forRole('kitaab_auth'))
  leila = await world.newPerson('leila', 'Africa/Cairo')
  budi = await world.newPerson('budi', 'Asia/Jakarta')
})
afterAll(async () => {
  await auth.end()
  await world.stop()
})

const newSession = async (person: Person, created = 'now()', expires = "now() + interval '90 days'") =>
  only(
    (
      await auth.query(
        `insert into sessions (user_id, created_at, expires_at) values ($1, ${created}, ${expires}) returning session_id`,
        [person.id],
      )
    ).rows,
  )

const liveSessions = async (person: Person) =>
  (await auth.query('select session_id from sessions where user_id = $1 and revoked_at is null', [person.id])).rows.map(
    (row) => row.session_id,
  )

test('a person has one address, whatever its case, one username, and settings within their bounds', async () => {
  const register = (email: string, username: string | null = null) =>
    refusal(auth.query("insert into users (email, username, password_hash) values ($1, $2, 'hash')", [email, username]))
  expect(await register('LEILA@Kitaab.Example')).toBe('23505 users_email_key')
  expect(await register('new@kitaab.example', 'leila')).toBe('23505 users_username_key')
  expect(await register('new@kitaab.example', 'Leila')).toBe('23514 users_username_check')
  expect(await register('new@kitaab.example', 'le')).toBe('23514 users_username_check')
  const set = (assignment: string) =>
    refusal(leila.query(`update users set ${assignment} where user_id = $1`, [leila.id]))
  expect(await set('week_start = 0')).toBe('23514 users_week_start_check')
  expect(await set('week_start = 7')).toBe('accepted')
  expect(await set(`locale = 'a b'`)).toBe('23514 users_locale_check')
  expect(await set(`full_name = repeat('x', 201)`)).toBe('23514 users_full_name_check')
  expect(await set(`metadata = '[]'`)).toBe('23514 users_metadata_check')
  expect(await set(`metadata = jsonb_build_object('a', repeat('x', 65536))`)).toBe('23514 users_metadata_check')
})

test('an account’s version rises with an edit, not with a log-in', async () => {
  const version = async () => only(await leila.query('select version from users where user_id = $1', [leila.id]))
  const before = await version()
  await auth.query('update users set last_login_at = now() where user_id = $1', [leila.id])
  expect(await version()).toBe(before)
  await leila.query("update users set full_name = 'Leila of Cairo' where user_id = $1", [leila.id])
  expect(await version()).toBe(before + 1)
})

test('an erased person is a blank tombstone, and nobody else is', async () => {
  const person = await world.newPerson('gone')
  const set = (assignment: string) =>
    refusal(world.admin(`update users set ${assignment} where user_id = $1`, [person.id]))
  expect(await set(`status = 'erased', erased_at = now()`)).toBe('23514 users_erased_check')
  expect(await set('password_hash = null')).toBe('23514 users_erased_check')
  expect(
    await set(
      `status = 'erased', erased_at = now(), email = null, username = null, full_name = null, password_hash = null`,
    ),
  ).toBe('accepted')
})

test('every person has the row that stands for what is theirs', async () => {
  expect(
    await leila.query('select change_seq::int >= 1 as numbered from owner_state where user_id = $1', [leila.id]),
  ).toEqual([{ numbered: true }])
  expect(await refusal(leila.query('update owner_state set change_seq = 0 where user_id = $1', [leila.id]))).toBe(
    '42501',
  )
})

test('SES-1 nobody who works as a viewer reads a password’s hash, or changes what only kitaab_auth changes', async () => {
  expect(await refusal(leila.query('select password_hash from users'))).toBe('42501')
  for (const assignment of [
    "role = 'admin'",
    "status = 'active'",
    "email = 'x@kitaab.example'",
    'email_verified = true',
    "password_hash = 'x'",
  ])
    expect(await refusal(leila.query(`update users set ${assignment} where user_id = $1`, [leila.id]))).toBe('42501')
  expect(
    await leila.query("update users set full_name = 'Budi?' where user_id = $1 returning user_id", [budi.id]),
  ).toEqual([])
})

test('SHA-2 a friend reads name and day of a person, and nothing else of their account', async () => {
  const friend = await world.newPerson('friend')
  const owner = await world.newPerson('owner')
  await befriend(friend, owner)
  const shown = 'user_id full_name username time_zone day_start_minutes week_start erased_at version'.split(' ')
  const columns = await world.admin(
    "select attname::text as name from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped",
  )
  for (const { name } of columns) {
    const read = friend.query(`select ${name} from users where user_id = $1`, [owner.id])
    expect([name, await refusal(read)]).toEqual([name, shown.includes(name) ? 'accepted' : '42501'])
  }
  expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(shown))
  expect(await friend.query('select user_id, email from own_account')).toEqual([
    { user_id: friend.id, email: 'friend@kitaab.example' },
  ])
  expect(await friend.query('select from own_account where user_id = $1', [owner.id])).toEqual([])
})

test('kitaab_auth reads nothing but identity', async () => {
  for (const table of ['deeds', 'entries', 'owner_state', 'relations', 'audit_log', 'change_log', 'idempotency_keys'])
    expect(await refusal(auth.query(`select from ${table}`))).toBe('42501')
})

test('SHA-2 a person is visible to oneself, to both sides of an accepted relation, and as requester of a pending one', async () => {
  const [asker, asked, stranger] = [
    await world.newPerson('asker'),
    await world.newPerson('asked'),
    await world.newPerson('stranger'),
  ]
  const seenBy = async (person: Person) =>
    (await person.query('select user_id from users order by user_id')).map((row) => row.user_id)
  const relationId = await request(asker, asked)
  expect(await seenBy(asker)).toEqual([asker.id])
  expect(await seenBy(asked)).toEqual([asker.id, asked.id])
  await asked.query("update relations set status = 'accepted' where relation_id = $1", [relationId])
  expect(await seenBy(asker)).toEqual([asker.id, asked.id])
  await asked.query("update relations set status = 'blocked' where relation_id = $1", [relationId])
  expect(await seenBy(asker)).toEqual([asker.id])
  expect(await seenBy(asked)).toEqual([asked.id])
  expect(await seenBy(stranger)).toEqual([stranger.id])
})

test('SES-2 the first statement says who it is, and whether session, status and role allow it', async () => {
  const session = await newSession(leila)
  const enter = async (person: Person, id: string | null) => {
    const { rows } = await world.database.superuser
      .query(
        `begin; set local role kitaab_app; select * from enter_as(${person.id}, ${id === null ? 'null' : `'${id}'`}); rollback`,
      )
      .then((answers) => (answers as unknown as pg.QueryResult[])[2] ?? { rows: [] })
    return rows
  }
  expect(await enter(leila, session)).toEqual([{ role: 'member', status: 'active', session_is_live: true }])
  expect(await enter(leila, null)).toEqual([{ role: 'member', status: 'active', session_is_live: null }])
  expect((await enter(budi, session))[0]).toMatchObject({ session_is_live: false })
  expect(await enter({ ...leila, id: '999999' }, session)).toEqual([])
  const expired = await newSession(leila, 'now()', "now() - interval '1 second'")
  expect((await enter(leila, expired))[0]).toMatchObject({ session_is_live: false })
  await leila.query('update sessions set revoked_at = now() where session_id = $1', [session])
  expect((await enter(leila, session))[0]).toMatchObject({ session_is_live: false })
})

test('SES-2 who it is ends with the transaction', async () => {
  await leila.query('select 1')
  expect(
    await leila.transaction((query) => query('select app_user_id() as viewer, app_owners() as owners'), [budi]),
  ).toEqual([{ viewer: leila.id, owners: [budi.id] }])
  const app = await connected(world.database.connections.forRole('kitaab_app'))
  await app.query(`begin; select enter_as(${leila.id}); commit`)
  const { rows } = await app.query(
    'select app_user_id() as viewer, app_owners() as owners, app_ip() as ip, app_request_id() as request',
  )
  expect(rows).toEqual([{ viewer: null, owners: null, ip: null, request: null }])
  await app.end()
})

test('SES-3 a session that was revoked stays so, and of more than 50 the oldest end', async () => {
  const person = await world.newPerson('many')
  const sessions: string[] = []
  for (let n = 0; n < 52; n += 1) sessions.push(await newSession(person, `now() - make_interval(mins => ${100 - n})`))
  expect((await liveSessions(person)).sort()).toEqual(sessions.slice(2).sort())
  await auth.query('update sessions set revoked_at = null where user_id = $1', [person.id])
  expect(await liveSessions(person)).toHaveLength(50)
})

test('SES-4 a new password or a suspension ends every session, and nobody else’s', async () => {
  const [one, other] = [await world.newPerson('one'), await world.newPerson('other')]
  const kept = await newSession(other)
  await newSession(one)
  await auth.query("update users set full_name = 'One' where user_id = $1", [one.id])
  expect(await liveSessions(one)).toHaveLength(1)
  await auth.query("update users set password_hash = 'another' where user_id = $1", [one.id])
  expect(await liveSessions(one)).toEqual([])
  await newSession(one)
  await auth.query("update users set status = 'suspended' where user_id = $1", [one.id])
  expect(await liveSessions(one)).toEqual([])
  expect(await liveSessions(other)).toEqual([kept])
})

test('SES-4 a token is used once, found by its hash, and names the address it changes to', async () => {
  const token = (hash: string, purpose = 'verify_email', email: string | null = null) =>
    auth.query(
      "insert into one_time_tokens (user_id, purpose, token_hash, email, expires_at) values ($1, $2, $3::text::bytea, $4, now() + interval '1 hour')",
      [leila.id, purpose, hash, email],
    )
  await token('first')
  expect(await refusal(token('first'))).toBe('23505 one_time_tokens_token_hash_key')
  expect(await refusal(token('second', 'change_email'))).toBe('23514 one_time_tokens_email_check')
  const use = () => auth.query("update one_time_tokens set used_at = now() where token_hash = 'first'")
  expect((await use()).rowCount).toBe(1)
  expect(await refusal(use())).toBe('KT409 token_used')
})

test('ENT-4 an idempotency key is the writer’s own, once', async () => {
  const keep = (person: Person, owner: Person) =>
    person.query(
      "insert into idempotency_keys (user_id, key, operation, request_hash) values ($1, 'k', 'recordEntry', '\\x00')",
      [owner.id],
    )
  expect(await refusal(keep(leila, leila))).toBe('accepted')
  expect(await refusal(keep(leila, leila))).toBe('23505 idempotency_keys_pkey')
  expect(await refusal(keep(budi, leila))).toBe('42501')
  expect(await refusal(keep(budi, budi))).toBe('accepted')
  expect(
    await budi.query(
      'select user_id, extract(epoch from expires_at - created_at)::int / 3600 as hours from idempotency_keys',
    ),
  ).toEqual([{ user_id: budi.id, hours: 48 }])
})

test('a suspended relation of people does not let one change the other', async () => {
  await befriend(budi, leila)
  expect(await budi.query("update users set full_name = 'x' where user_id = $1 returning user_id", [leila.id])).toEqual(
    [],
  )
  expect(await budi.query('select session_id from sessions where user_id = $1', [leila.id])).toEqual([])
})
