import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newUser, type TestPerson } from '../../support/people.ts'
import { type Executed, startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'

let service: TestService
let admin: TestPerson
let leila: TestPerson
let requestId: unknown
beforeAll(async () => {
  service = await startService()
  leila = await newUser(service.database, 'Leila')
  admin = { ...(await newUser(service.database, 'Admin')), role: 'admin' }
  await service.database.admin.query("update users set role = 'admin' where user_id = $1", [admin.userId])
  requestId = await keepDiary()
  await ask(admin, 'mutation ($id: ID!) { suspendUser(input: { userId: $id }) { user { id } } }', {
    id: leila.globalId,
  })
})
afterAll(() => service.stop())

const ask = (as: TestPerson, query: string, variables = {}) => service.execute(query, variables, { as })

/** Something private of every kind. Answers the request that made the deed. */
async function keepDiary() {
  const made = await ask(
    leila,
    `mutation { createDeed(input: { category: HASANAAT, name: "A private deed", measure: COUNT, unit: "private pages",
      items: [{ name: "A private item", description: "A private description" }] }) { deed { id items { id } } } }`,
  )
  expect(made.errors ?? []).toEqual([])
  const [deedId, itemId] = [made.data.createDeed.deed.id, made.data.createDeed.deed.items[0].id]
  const kept = await ask(
    leila,
    `mutation ($deedId: ID!, $itemId: ID!) {
      recordEntry(input: { itemId: $itemId, count: "77.5", notes: "A private note" }) { status }
      createMerit(input: { deedId: $deedId, title: "A private goal", durationDays: 7,
        items: [{ itemId: $itemId, metric: COUNT_SUM, target: "10" }] }) { merit { id } }
      writeReflection(input: { type: GENERAL, message: "A private page" }) { status }
      sendMessage(input: { content: "A private question" }) { message { id } }
      updateAccount(input: { fullName: "A private name", metadata: { private: "A private word" } }) { account { id } }
      deleteDeed(input: { deedId: $deedId }) { deletion { id } }
    }`,
    { deedId, itemId },
  )
  expect(kept.errors ?? []).toEqual([])
  return made.response.headers['x-request-id']
}

const fields = `action occurredAt user { id email } actor { id email } table objectId changed oldValues newValues ipAddress requestId`
const search = (filter: object | null, page: object = { first: 100 }): Promise<Executed> =>
  ask(
    admin,
    `query ($filter: AuditFilter, $first: Int, $after: String) { auditLog(filter: $filter, first: $first, after: $after) {
      nodes { ${fields} } pageInfo { hasNextPage endCursor } totalCount
    } }`,
    { filter, ...page },
  )
const actions = async (filter: object) => {
  const { data, errors } = await search(filter)
  expect(errors ?? []).toEqual([])
  return [...new Set<string>(data.auditLog.nodes.map(({ action }: { action: string }) => action))]
}

test('an event says who did what to whom, from where and by which request', async () => {
  const { data } = await search({ userId: leila.globalId, action: 'deeds.created' })
  expect(data.auditLog.nodes).toMatchObject([
    {
      action: 'deeds.created',
      user: { id: leila.globalId },
      actor: { id: leila.globalId },
      table: 'deeds',
      changed: expect.arrayContaining(['name', 'unit', 'measure', 'category']),
      oldValues: null,
      newValues: {},
      ipAddress: '127.0.0.1',
      requestId,
    },
  ])
  const [suspension] = (await search({ userId: leila.globalId, actorId: admin.globalId })).data.auditLog.nodes.filter(
    ({ table }: { table: string }) => table === 'users',
  )
  expect(suspension).toMatchObject({
    changed: ['status'],
    oldValues: { status: 'ACTIVE' },
    newValues: { status: 'SUSPENDED' },
    actor: { id: admin.globalId },
  })
})

test('nothing of what people wrote, recorded or aim at is in any event', async () => {
  for (const filter of [null, { userId: leila.globalId }, { actorId: leila.globalId }]) {
    const { data } = await search(filter)
    expect(data.auditLog.nodes.length).toBeGreaterThan(8)
    expect(JSON.stringify(data)).not.toMatch(/A private|private pages|77\.5/)
  }
  expect(await actions({ userId: leila.globalId })).toEqual(
    expect.arrayContaining([
      'deeds.created',
      'deed_items.created',
      'entries.created',
      'goals.created',
      'reflection_messages.created',
      'messages.created',
      'deletions.created',
      'users.updated',
    ]),
  )
})

test('events are found by person, actor, action, table and time, and none by what does not fit', async () => {
  const userId = leila.globalId
  expect(await actions({ userId, table: 'entries' })).toEqual(['entries.created'])
  expect(await actions({ table: 'entries' })).toEqual(['entries.created'])
  expect(await actions({ actorId: userId, table: 'entries' })).toEqual(['entries.created'])
  expect(await actions({ actorId: admin.globalId, table: 'entries' })).toEqual([])
  expect(await actions({ actorId: admin.globalId, table: 'users' })).toEqual(['users.updated'])
  expect(await actions({ userId, action: 'goals.created' })).toEqual(['goals.created'])
  expect(await actions({ userId, until: '2026-01-01T00:00:00Z' })).toEqual([])
  expect(await actions({ userId, from: '2100-01-01T00:00:00Z' })).toEqual([])
  const { data } = await search({ userId, action: 'deeds.created' })
  const at = data.auditLog.nodes[0].occurredAt
  expect(await actions({ userId, action: 'deeds.created', from: at })).toEqual(['deeds.created'])
  expect(await actions({ userId, action: 'deeds.created', until: at })).toEqual([])
  expect(outcome(await search({ userId: 'nobody' }))).toBe('BAD_USER_INPUT INVALID_ID')
  expect(outcome(await search({ action: '' }))).toBe('BAD_USER_INPUT INVALID_TEXT')
})

test('page by page the same as at once, and a cursor holds for its own search', async () => {
  const filter = { userId: leila.globalId }
  const all = (await search(filter)).data.auditLog
  expect(all.totalCount).toBe(all.nodes.length)
  const found: unknown[] = []
  for (let after: string | null = null; ; ) {
    const { data }: Executed = await search(filter, { first: 3, after })
    found.push(...data.auditLog.nodes)
    if (!data.auditLog.pageInfo.hasNextPage) break
    after = data.auditLog.pageInfo.endCursor
  }
  expect(found).toEqual(all.nodes)
  const cursor = all.pageInfo.endCursor
  expect(outcome(await search(null, { first: 3, after: cursor }))).toBe('BAD_USER_INPUT INVALID_CURSOR')
  const [scope] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  for (const place of [
    ['not a time', 'log', '1'],
    ['2026-01-01', 'log', 'one'],
  ]) {
    const forged = Buffer.from(JSON.stringify([scope, ...place])).toString('base64url')
    expect(outcome(await search(filter, { first: 3, after: forged }))).toBe('BAD_USER_INPUT INVALID_CURSOR')
  }
  expect(outcome(await search(filter, { first: 101 }))).toBe('BAD_USER_INPUT INVALID_PAGE_SIZE')
})
