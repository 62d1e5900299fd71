// Somebody who has as much as Leila and nothing to do with her; and what hers is known by.
import type { TestDatabase } from '../support/database.ts'
import { newUser, type TestPerson } from '../support/people.ts'
import type { TestService } from '../support/service.ts'
import { newSubjects } from './subjects.ts'
import { newSurveys } from './surveys.ts'
import { accountOf, jobsOf, type Matrix, mark, newDiary, newOthers, sender } from './world.ts'

export interface Outsider {
  readonly person: TestPerson
  readonly emails: Awaited<ReturnType<typeof newSubjects>>['emails']
  /** What `inputs` and `attempts` name, by type. */
  readonly own: Readonly<Record<string, readonly string[]>>
}

/** What the outsider recorded once with this key is answered again. */
export const idempotencyKey = 'once'

/** A diary and all else of one's own, a friend who is shown some of it, and somebody who is blocked. */
export async function newOutsider(service: TestService, matrix: Matrix): Promise<Outsider> {
  const person = await newUser(service.database, 'outsider')
  const send = sender(service, person)
  const sql = async (text: string, values: unknown[] = []) => (await service.database.admin.query(text, values)).rows
  const { instances, granted } = await newDiary(send)
  const own = {
    ...instances,
    ...(await newOthers(service, send, matrix.viewers)),
    ...(await newSurveys(send, sql, mark)),
    ...(await jobsOf(service, person)),
    ...accountOf(person),
  }
  await service.database.admin.query(`update users set username = 'outsider' where user_id = $1`, [person.userId])
  const permissions: string[] = []
  for (const [role, response] of [
    ['revoked', 'BLOCK'],
    ['stranger', 'ACCEPT'],
  ] as const) {
    const friend = matrix.viewers[role]
    if (!friend) throw new Error('nobody asks')
    await sender(service, friend)('requestRelation', 'RequestRelationInput', { to: 'outsider' }, 'sentTo')
    const { data } = await service.execute(
      '{ me { relations(status: PENDING, direction: RECEIVED) { nodes { id } } } }',
      {},
      { as: person },
    )
    const relationId = data.me.relations.nodes[0].id
    await send('respondToRelation', 'RespondToRelationInput', { relationId, response }, 'relation { id }')
    permissions.push(relationId)
  }
  const relationId = permissions.at(-1)
  const grants = { relationId, permissions: granted.map((itemId) => ({ itemId, type: 'READ' })) }
  const granting = await send('grantPermissions', 'GrantPermissionsInput', grants, 'permissions { id }')
  const entry = { itemId: instances.DeedItem?.[0], count: '2', idempotencyKey }
  await send('recordEntry', 'RecordEntryInput', entry, 'status')
  const all = {
    ...own,
    Relation: [relationId ?? ''],
    Permission: granting.permissions.map(({ id }: { id: string }) => id),
  }
  const viewers = { ...matrix.viewers, owner: person }
  const { theirs, emails } = await newSubjects(service, { viewers, instances: all })
  return { person, own: theirs, emails: { ...emails, owner: 'owner@kitaab.example' } }
}

/** By id, the table of each row that is Leila's: her own id stands for the table of people. Ids of others are none. */
export async function secretsOf({ superuser }: TestDatabase, userId: string): Promise<Map<string, string>> {
  const { rows: keys } = await superuser.query<{ name: string; key: string; owner: string }>(`
    select distinct relname::text as name, column_name.attname::text as key, owner.attname::text as owner
    from pg_class
    join pg_attribute as owner on owner.attrelid = pg_class.oid and owner.attname = any ('{user_id,requestee_id}')
    join pg_index on indrelid = pg_class.oid and indisprimary
    join pg_attribute as column_name on column_name.attrelid = pg_class.oid and column_name.attnum = any (indkey)
    where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
      and column_name.atttypid = any ('{bigint,uuid}'::regtype[])
      and not column_name.attname = any ('{user_id,requestee_id,requester_id,viewer_id,deed_item_id,object_id,seq}')
    union select 'deed_items', 'deed_item_id', 'user_id'`)
  const secrets = new Map([[userId, 'users']])
  for (const { name, key, owner } of keys) {
    const { rows } = await superuser.query(`select ${key}::text as id from ${name} where ${owner} = $1`, [userId])
    for (const { id } of rows) secrets.set(id, name)
  }
  return secrets
}
