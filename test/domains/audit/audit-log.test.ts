import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { connected } from '../../support/database.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const auditLog = `query ($first: Int, $after: String) { me { auditLog(first: $first, after: $after) {
  nodes { action occurredAt actor { id } objectId oldValues newValues ipAddress requestId }
  pageInfo { hasNextPage endCursor } totalCount
} } }`

async function eventsOf(as: TestPerson, variables: object = { first: 100 }) {
  const answer = await service.execute(auditLog, { ...variables }, { as })
  expect(answer.errors ?? []).toEqual([])
  return answer.data.me.auditLog
}

async function send(as: TestPerson, mutation: string, variables: Record<string, unknown> = {}) {
  const answer = await service.execute(mutation, variables, { as })
  expect(answer.errors ?? []).toEqual([])
  return { ...answer.data, requestId: answer.response.headers['x-request-id'] }
}

async function newReading(as: TestPerson) {
  const input = { category: 'HASANAAT', name: 'Reading', measure: 'COUNT', unit: 'pages', items: [{ name: 'Pages' }] }
  const made = await send(
    as,
    'mutation ($input: CreateDeedInput!) { createDeed(input: $input) { deed { id items { id } } } }',
    { input },
  )
  const { deed } = made.createDeed
  return { deedId: deed.id as string, itemId: deed.items[0].id as string, requestId: made.requestId }
}

const record = 'mutation ($input: RecordEntryInput!) { recordEntry(input: $input) { entry { id } } }'
const update = 'mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { account { version } } }'

test("what an entry does to its owner's own goal comes from where the entry did", async () => {
  const leila = await newUser(service.database, 'Leila')
  const { deedId, itemId } = await newReading(leila)
  const input = { deedId, title: 'A page', durationDays: 3, items: [{ itemId, metric: 'COUNT_SUM', target: 1 }] }
  await send(leila, 'mutation ($input: CreateMeritInput!) { createMerit(input: $input) { merit { id } } }', { input })
  const { requestId } = await send(leila, record, { input: { itemId, count: 1 } })
  const { nodes } = await eventsOf(leila)
  expect(nodes.filter((event: { requestId: string }) => event.requestId === requestId)).toEqual([
    expect.objectContaining({ action: 'goals.updated', ipAddress: '127.0.0.1' }),
    expect.objectContaining({ action: 'entries.created', ipAddress: '127.0.0.1' }),
  ])
})

test('an event tells who, what, which object, from where, by which request, old and new', async () => {
  const leila = await newUser(service.database, 'Leila')
  const { itemId, deedId, requestId } = await newReading(leila)
  const { recordEntry, requestId: recording } = await send(leila, record, {
    input: { itemId, count: '3.5', notes: 'on the train' },
  })
  const { nodes } = await eventsOf(leila)
  expect(nodes[0]).toEqual({
    action: 'entries.created',
    occurredAt: expect.stringMatching(/Z$/),
    actor: { id: leila.globalId },
    objectId: recordEntry.entry.id,
    oldValues: null,
    newValues: { count: '3.500', notes: 'on the train' },
    ipAddress: '127.0.0.1',
    requestId: recording,
  })
  const deed = nodes.find(({ action }: { action: string }) => action === 'deeds.created')
  expect(deed).toMatchObject({ objectId: deedId, requestId, ipAddress: '127.0.0.1', oldValues: null })
  expect(deed.newValues).toEqual({
    name: 'Reading',
    category: 'HASANAAT',
    measure: 'COUNT',
    unit: 'pages',
    displayOrder: 0,
    isHidden: false,
  })
  const item = nodes.find(({ action }: { action: string }) => action === 'deed_items.created')
  expect(item.newValues).toMatchObject({ name: 'Pages', deedId })
})

test('a change tells what differs; of password and metadata only that they changed', async () => {
  const budi = await newUser(service.database, 'Budi')
  await send(budi, update, { input: { fullName: 'Budi S', weekStart: 7, metadata: { secret: 'of an app' } } })
  const { nodes } = await eventsOf(budi)
  expect(nodes[0]).toMatchObject({
    action: 'users.updated',
    objectId: toGlobalId('Account', budi),
    oldValues: { fullName: 'Budi', weekStart: 1, metadata: 'before' },
    newValues: { fullName: 'Budi S', weekStart: 7, metadata: 'after' },
  })
  await service.database.admin.query("update users set password_hash = 'a-new-hash' where user_id = $1", [budi.userId])
  const isUpdate = ({ action }: { action: string }) => action === 'users.updated'
  const latest = (await eventsOf(budi)).nodes.find(isUpdate)
  expect(latest).toMatchObject({ oldValues: { password: 'before' }, newValues: { password: 'after' }, actor: null })
  expect(JSON.stringify(await eventsOf(budi))).not.toContain('hash')
})

test('the id of each object that there is leads to it, as long as it is there', async () => {
  const person = await newUser(service.database, 'Linked')
  const { itemId, deedId } = await newReading(person)
  const items = [{ itemId, metric: 'COUNT_SUM', target: '10' }]
  await send(person, 'mutation ($input: CreateMeritInput!) { createMerit(input: $input) { merit { id } } }', {
    input: { deedId, title: 'Pages', durationDays: 7, items },
  })
  await send(person, 'mutation ($input: CreateTargetInput!) { createTarget(input: $input) { target { id } } }', {
    input: { title: 'Pages', durationDays: 7, items },
  })
  const scale = [{ name: 'late' }, { name: 'on time' }]
  await send(person, 'mutation ($input: CreateDeedInput!) { createDeed(input: $input) { deed { id } } }', {
    input: { category: 'HASANAAT', name: 'Prayer', measure: 'SCALE', scale },
  })
  const { nodes } = await eventsOf(person)
  const ids: string[] = nodes.map(({ objectId }: { objectId: string }) => objectId)
  const found = await send(person, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', { ids })
  expect(found.nodes.map(({ id }: { id: string }) => id)).toEqual(ids)
  const types = found.nodes.map(({ __typename }: { __typename: string }) => __typename)
  expect([...new Set(types)].sort()).toEqual(
    ['Account', 'Deed', 'DeedItem', 'GoalItem', 'Merit', 'Scale', 'ScaleValue', 'Session', 'Target'].sort(),
  )
  await send(person, 'mutation ($input: DeleteDeedInput!) { deleteDeed(input: $input) { deletion { id } } }', {
    input: { deedId },
  })
  const [deleted] = (await eventsOf(person)).nodes
  expect(deleted).toMatchObject({ action: 'deletions.created', newValues: { kind: 'DEED', label: 'Reading' } })
  expect((await send(person, 'query ($id: ID!) { node(id: $id) { id } }', { id: deleted.objectId })).node).toEqual({
    id: deleted.objectId,
  })
})

test('pages run from the latest to the first without a gap or a double, and count all', async () => {
  const person = await newUser(service.database, 'Paged')
  const { itemId } = await newReading(person)
  for (const date of ['2026-01-01', '2026-01-02', '2026-01-03'])
    await send(person, record, { input: { itemId, date, count: 1 } })
  const whole = await eventsOf(person)
  expect(whole.totalCount).toBe(whole.nodes.length)
  const paged: unknown[] = []
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await eventsOf(person, { first: 2, after })
    paged.push(...nodes)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect(paged).toEqual(whole.nodes)
  const times = whole.nodes.map(({ occurredAt }: { occurredAt: string }) => Date.parse(occurredAt))
  expect([...times].sort((a, b) => b - a)).toEqual(times)
  expect(outcome(await service.execute(auditLog, { first: 101 }, { as: person }))).toBe(
    'BAD_USER_INPUT INVALID_PAGE_SIZE',
  )
  expect(outcome(await service.execute(auditLog, { after: 'x' }, { as: person }))).toBe('BAD_USER_INPUT INVALID_CURSOR')
})

test('nobody sees another person’s log; the owner sees who recorded for them, not from where', async () => {
  const [owner, friend, stranger] = [
    await newUser(service.database, 'Owner'),
    await newUser(service.database, 'Friend'),
    await newUser(service.database, 'Stranger'),
  ]
  const { itemId } = await newReading(owner)
  await service.database.admin.query(
    `with asked as (
       insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'owner') returning relation_id
     ) select relation_id from asked`,
    [owner.userId, friend.userId],
  )
  await service.database.admin.query("update relations set status = 'accepted' where requestee_id = $1", [owner.userId])
  await service.database.admin.query(
    `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type)
     select $1, relation_id, $2, deed_item_id, 'write' from relations join deed_items on user_id = requestee_id
     where requestee_id = $1`,
    [owner.userId, friend.userId],
  )
  const recorded = await send(friend, record, { input: { itemId, count: 1 } })
  const [latest] = (await eventsOf(owner)).nodes
  expect(latest).toMatchObject({
    action: 'entries.created',
    actor: { id: friend.globalId },
    ipAddress: null,
    requestId: recorded.requestId,
  })
  const actions = ({ nodes }: { nodes: { action: string }[] }) => nodes.map(({ action }) => action)
  for (const other of [friend, stranger]) {
    expect(
      actions(await eventsOf(other)).filter((action) => !/^(users|sessions|relation_requests)\./.test(action)),
    ).toEqual([])
  }
  await service.database.admin.query(
    'update relations set deleted_at = now(), deleted_by = requestee_id where requestee_id = $1',
    [owner.userId],
  )
  const later = (await eventsOf(owner)).nodes.find(({ action }: { action: string }) => action === 'entries.created')
  expect(later.actor).toBeNull()
})

test('a token without AUDIT_READ is refused by name, though it may read the account', async () => {
  const person = await newUser(service.database, 'Narrow')
  const as = { ...person, scopes: ['ACCOUNT_READ', 'ENTRIES_READ'] as const }
  const { errors } = await service.execute(auditLog, {}, { as })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'MISSING_SCOPE', scopes: ['AUDIT_READ'] })
})

test('a page of a long log is read along the index of each of its two sources', async () => {
  const person = await newUser(service.database, 'Long')
  const { admin } = service.database
  const { itemId } = await newReading(person)
  const [, , item] = Buffer.from(itemId, 'base64url').toString().split(':')
  await admin.query(
    `insert into entry_history (user_id, deed_item_id, entry_date, action, changed_by_user_id, changed_at, origin, version)
     select $1, $2, date '2020-01-01' + n / 20, 'created', $1, now() - n * interval '1 minute', 'manual', 1 from generate_series(1, 20000) as n`,
    [person.userId, item],
  )
  await admin.query('analyze entry_history, audit_log')
  const viewer = await connected(service.database.connections.forRole('kitaab_app'))
  await viewer.query(`set app.user_id = '${person.userId}'`)
  const { rows } = await viewer
    .query(
      `explain (analyze, format json) select * from audit_trail where user_id = ${person.userId}
       and (created_at, source, event_id) < (now() - interval '5 days', 'log', 5)
       order by created_at desc, source desc, event_id desc limit 21`,
    )
    .finally(() => viewer.end())
  const read: number[] = []
  const walk = (node: { 'Actual Rows': number; Plans?: never[] }) => {
    read.push(node['Actual Rows'])
    for (const below of node.Plans ?? []) walk(below)
  }
  walk(rows[0]['QUERY PLAN'][0].Plan)
  expect(Math.max(...read)).toBeLessThan(200)
})
