// People, deeds and shares for the tests of the schema: everything is done as the application's role, by the person it is of.
import type pg from 'pg'
import { connected, newDatabase } from '../support/database.ts'

export type Row = pg.QueryResultRow
/** Answers the rows of one statement. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<Row[]>

export interface Person {
  readonly id: string
  /** One statement in a transaction of its own, with these owners declared. */
  query(text: string, values?: readonly unknown[], owners?: readonly Person[]): Promise<Row[]>
  /** Several statements in one transaction. */
  transaction<T>(work: (query: Query) => Promise<T>, owners?: readonly Person[]): Promise<T>
}

export type World = Awaited<ReturnType<typeof newWorld>>

/** A database of the test's own, a connection as kitaab_app, and what makes people in it. */
export async function newWorld() {
  const database = await newDatabase()
  const app = await connected(database.connections.forRole('kitaab_app'))
  const opened: pg.Client[] = [app]

  async function newPerson(name: string, timeZone = 'UTC', dayStartMinutes = 0): Promise<Person> {
    const { rows } = await database.admin.query(
      `insert into users (email, username, full_name, password_hash, email_verified, time_zone, day_start_minutes)
       values ($1, $2, $3, 'hash', true, $4, $5) returning user_id`,
      [`${name}@kitaab.example`, name, name, timeZone, dayStartMinutes],
    )
    return personOn(app, rows[0].user_id)
  }

  /** The same person on a connection of their own, for what happens at the same time. */
  async function elsewhere(person: Person): Promise<Person> {
    return (await anotherConnection())(person)
  }

  /** Puts people on one more connection, which they share. */
  async function anotherConnection(): Promise<(person: Person) => Person> {
    const client = await connected(database.connections.forRole('kitaab_app'))
    opened.push(client)
    return (person) => personOn(client, person.id)
  }

  const admin: Query = async (text, values = []) => (await database.admin.query(text, [...values])).rows
  /** Until a session waits for another's lock: what was sent on a second connection has arrived there. */
  async function someoneWaits() {
    const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while ((await database.superuser.query(waiting)).rowCount === 0);
  }
  const stop = async () => {
    for (const client of opened) await client.end()
    await database.stop()
  }
  return { database, admin, newPerson, elsewhere, anotherConnection, someoneWaits, stop }
}

function personOn(client: pg.Client, id: string): Person {
  const query: Query = async (text, values = []) => (await client.query(text, [...values])).rows
  async function transaction<T>(work: (query: Query) => Promise<T>, owners: readonly Person[] = []): Promise<T> {
    await query('begin')
    try {
      await query('select enter_as($1, owners => $2)', [id, owners.map((owner) => owner.id)])
      const answer = await work(query)
      await query('commit')
      return answer
    } catch (error) {
      await query('rollback')
      throw error
    }
  }
  return {
    id,
    transaction,
    query: (text, values, owners) => transaction((inside) => inside(text, values), owners),
  }
}

/** How the database refused: SQLSTATE and the constraint's name; `accepted` when it did not. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    const { code, constraint = '' } = error as { code?: string; constraint?: string }
    if (code === undefined) throw error
    return `${code} ${constraint}`.trim()
  }
}

/** The first column of the first row. */
export function only(rows: readonly Row[]): string {
  return Object.values(rows[0] ?? {})[0]
}

export async function newDeed(
  owner: Person,
  name: string,
  measure: 'count' | 'scale' = 'count',
  category = 'hasanaat',
) {
  return only(
    await owner.query(
      'insert into deeds (user_id, category_type, name, measure_type) values ($1, $2, $3, $4) returning deed_id',
      [owner.id, category, name, measure],
    ),
  )
}

export async function newItem(
  owner: Person,
  deedId: string,
  name: string,
  parentId: string | null = null,
  isPrivate = false,
) {
  return only(
    await owner.query(
      `insert into deed_items (user_id, deed_id, name, parent_deed_item_id, is_private) values ($1, $2, $3, $4, $5)
       returning deed_item_id`,
      [owner.id, deedId, name, parentId, isPrivate],
    ),
  )
}

/** Version 1 of a deed's scale, for all days, with these values from least to most. */
export async function newScale(
  owner: Person,
  deedId: string,
  names: readonly string[],
  scores: readonly number[] = [],
) {
  return owner.transaction(async (query) => {
    const scaleId = only(
      await query(
        "insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 1, '(,)') returning scale_id",
        [owner.id, deedId],
      ),
    )
    return { scaleId, valueIds: await newValues(query, owner, deedId, scaleId, names, scores) }
  })
}

export async function newValues(
  query: Query,
  owner: Person,
  deedId: string,
  scaleId: string,
  names: readonly string[],
  scores: readonly number[] = [],
): Promise<string[]> {
  const rows = await query(
    `insert into scale_values (user_id, deed_id, scale_id, value_name, value_order, score)
     select $1, $2, $3, name, place, score from unnest($4::text[], $5::numeric[]) with ordinality as value (name, score, place)
     returning scale_value_id`,
    [owner.id, deedId, scaleId, names, scores],
  )
  return rows.map((row) => row.scale_value_id)
}

/** The requester asks, the owner accepts. */
export async function befriend(requester: Person, owner: Person): Promise<string> {
  const relationId = await request(requester, owner)
  await answer(owner, relationId, 'accepted')
  return relationId
}

export async function request(requester: Person, owner: Person): Promise<string> {
  // What a requester asked is theirs as a request; the relation shows to the owner alone.
  await requester.query('insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, $3)', [
    owner.id,
    requester.id,
    `person ${owner.id}`,
  ])
  return only(
    await owner.query(
      'select relation_id from relations where requestee_id = $1 and requester_id = $2 and deleted_at is null',
      [owner.id, requester.id],
    ),
  )
}

export function answer(owner: Person, relationId: string, status: string) {
  return owner.query('update relations set status = $3 where requestee_id = $1 and relation_id = $2', [
    owner.id,
    relationId,
    status,
  ])
}

export interface Grant {
  type?: 'read' | 'write'
  descendants?: boolean
  notes?: boolean
  backfillDays?: number
  expiresAt?: string | null
}

export async function grant(
  owner: Person,
  requester: Person,
  relationId: string,
  itemId: string,
  terms: Grant = {},
): Promise<string> {
  const { type = 'read', descendants = true, notes = false, backfillDays = 7, expiresAt = null } = terms
  return only(
    await owner.query(
      `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type, includes_descendants, shares_notes,
         backfill_days, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning permission_id`,
      [owner.id, relationId, requester.id, itemId, type, descendants, notes, backfillDays, expiresAt],
    ),
  )
}

export function revoke(owner: Person, permissionId: string) {
  return owner.query(
    'update permissions set is_active = false, revoked_at = now() where user_id = $1 and permission_id = $2',
    [owner.id, permissionId],
  )
}

/** Records a count, as whoever writes, the way the application does: an upsert that leaves what is the same alone. */
export function record(
  writer: Person,
  owner: Person,
  itemId: string,
  date: string,
  count: number,
  notes: string | null = null,
) {
  return writer.query(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, notes) values ($1, $2, $3, $4, $5)
     on conflict (user_id, deed_item_id, entry_date) do update
     set count_value = excluded.count_value, notes = excluded.notes, updated_by_user_id = excluded.updated_by_user_id, deleted_at = null
     where (entries.count_value, entries.notes, entries.deleted_at)
       is distinct from (excluded.count_value, excluded.notes, null::timestamptz)
     returning version::int, count_value, created_by_user_id, updated_by_user_id`,
    [owner.id, itemId, date, count, notes],
    [owner],
  )
}
