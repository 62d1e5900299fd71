import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { refusalOf } from '../../support/deeds.ts'
import { type Sharer, type SharingWorld, sharingWorld } from '../../support/sharing.ts'
import { outcome } from '../identity/people.ts'
import { type LeilaAndBudi, leilaAndBudi } from './leila-and-budi.ts'

let world: SharingWorld
let leila: Sharer
let budi: Sharer
let relationId: string
let items: LeilaAndBudi['items']
let namesSeen: LeilaAndBudi['namesSeen']
let record: LeilaAndBudi['record']
let grantOne: LeilaAndBudi['grantOne']
beforeAll(async () => {
  world = await sharingWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  ;({ leila, budi, relationId, items, namesSeen, record, grantOne } = await leilaAndBudi(world))
})

test('SHA-3 several items are granted at once, each on its own terms, and shown at once', async () => {
  expect(await namesSeen(budi)).toEqual([])
  const expiresAt = '2999-01-01T00:00:00Z'
  const { data } = await world.grant(leila, relationId, [
    { itemId: items.Isha, type: 'WRITE', includesDescendants: false, sharesNotes: true, backfillDays: 30, expiresAt },
    { itemId: items.Fajr, type: 'READ' },
  ])
  const common = { id: expect.any(String), versionNumber: 1, isEffective: true, revokedAt: null }
  expect(data.answer).toEqual({
    relation: { id: relationId },
    permissions: [
      {
        ...common,
        item: { id: items.Isha },
        type: 'WRITE',
        includesDescendants: false,
        sharesNotes: true,
        backfillDays: 30,
        expiresAt,
      },
      {
        ...common,
        item: { id: items.Fajr },
        type: 'READ',
        includesDescendants: true,
        sharesNotes: false,
        backfillDays: 7,
        expiresAt: null,
      },
    ],
  })
  expect(await namesSeen(budi)).toEqual(['Fajr', 'Sunnah', 'Isha'])
})

const pastDocument = `query ($id: ID!) { node(id: $id) { ... on Relation {
  permissions { id versionNumber } pastPermissions { totalCount nodes { id versionNumber isEffective revokedAt type } }
} } }`

test('SHA-3 a change closes the version before and writes the next; what is the same stays; the owner sees what was', async () => {
  const first = await grantOne(items.Fajr)
  expect(await grantOne(items.Fajr)).toEqual(first)
  const second = await grantOne(items.Fajr, { type: 'WRITE' })
  expect(second).toMatchObject({ versionNumber: 2, type: 'WRITE' })
  const { data } = await world.ask(leila, pastDocument, { id: relationId })
  expect(data.node).toEqual({
    permissions: [{ id: second.id, versionNumber: 2 }],
    pastPermissions: {
      totalCount: 1,
      nodes: [{ id: first.id, versionNumber: 1, isEffective: false, revokedAt: expect.any(String), type: 'READ' }],
    },
  })
  const [{ id }] = await world.listed(budi, 'SENT')
  const theirs = await world.ask(budi, pastDocument, { id })
  expect(theirs.data.node).toMatchObject({
    permissions: [{ id: second.id }],
    pastPermissions: { totalCount: 0, nodes: [] },
  })
})

test('SHA-3 all is granted or nothing, and the refusal names the grant', async () => {
  const other = await world.prayers(budi)
  const good = { itemId: items.Isha, type: 'READ' }
  await world.send(leila, 'updateDeedItem', 'item { id }', { itemId: items.Sunnah, isPrivate: true })
  const refused = async (grant: object) => refusalOf(await world.grant(leila, relationId, [good, grant]))
  const itemField = 'input.permissions[1].itemId'
  expect(await refused({ itemId: items.Sunnah, type: 'READ' })).toEqual({
    code: 'CONFLICT',
    reason: 'ITEM_IS_PRIVATE',
    field: itemField,
  })
  expect(await refused({ itemId: other.Fajr, type: 'READ' })).toEqual({ code: 'NOT_FOUND', field: itemField })
  const missing = toGlobalId('DeedItem', { ownerId: leila.userId, itemId: '999999' })
  expect(await refused({ itemId: missing, type: 'READ' })).toEqual({ code: 'NOT_FOUND', field: itemField })
  expect(await refused(good)).toEqual({ code: 'BAD_USER_INPUT', reason: 'CONTRADICTORY', field: itemField })
  for (const backfillDays of [-1, 3661])
    expect(await refused({ itemId: items.Fajr, type: 'READ', backfillDays })).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'OUT_OF_RANGE',
      field: 'input.permissions[1].backfillDays',
    })
  expect(await refused({ itemId: items.Fajr, type: 'READ', expiresAt: '2020-01-01T00:00:00Z' })).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'OUT_OF_RANGE',
    field: 'input.permissions[1].expiresAt',
  })
  expect(outcome(await world.grant(leila, relationId, []))).toBe('BAD_USER_INPUT OUT_OF_RANGE')
  expect(await namesSeen(budi)).toEqual([])
})

test('SHA-1 only the requestee grants, and only in an accepted relation', async () => {
  const theirs = await world.prayers(budi)
  const [sent] = await world.listed(budi, 'SENT')
  expect(outcome(await world.grant(budi, sent.id, [{ itemId: theirs.Fajr, type: 'READ' }]))).toBe('NOT_FOUND')
  expect(outcome(await world.grant(budi, relationId, [{ itemId: items.Fajr, type: 'READ' }]))).toBe('NOT_FOUND')
  await world.request(await world.newPerson('Asker'), leila.username)
  const [pending] = await world.listed(leila, 'RECEIVED', 'PENDING')
  expect(outcome(await world.grant(leila, pending.id, [{ itemId: items.Fajr, type: 'READ' }]))).toBe(
    'CONFLICT RELATION_NOT_ACCEPTED',
  )
})

test('SHA-4 a private item is not granted, a granted one not made private; one below a private one may be', async () => {
  const hide = (itemId: string, isPrivate = true) =>
    world.send(leila, 'updateDeedItem', 'item { id }', { itemId, isPrivate })
  const granted = await grantOne(items.Fajr)
  expect(outcome(await hide(items.Fajr))).toBe('CONFLICT ITEM_IS_PRIVATE')
  await world.revoke(leila, [granted.id])
  expect(outcome(await hide(items.Fajr))).toBe('ok')
  await grantOne(items.Sunnah)
  expect(await namesSeen(budi)).toEqual(['Sunnah'])
})

test('SHA-7 write is to record, overwrite and clear; not items, grants or goals, and no sharing on', async () => {
  await grantOne(items.Fajr, { type: 'WRITE' })
  const recorded = await record(budi, items.Sunnah)
  expect(recorded.data.answer.entry).toMatchObject({ count: '1', recordedBy: { id: budi.globalId } })
  expect(outcome(await record(budi, items.Sunnah, { count: '2' }))).toBe('ok')
  const entryId = recorded.data.answer.entry.id
  expect(outcome(await world.send(budi, 'clearEntry', 'date', { entryId }))).toBe('ok')
  const friend = await world.newPerson('Friend')
  const theirs = await world.befriend(friend, budi)
  const goal = { title: 'x', durationDays: 7, items: [{ itemId: items.Fajr, metric: 'COUNT_SUM', target: '1' }] }
  for (const refused of [
    world.send(budi, 'updateDeedItem', 'item { id }', { itemId: items.Fajr, name: 'Mine' }),
    world.send(budi, 'deleteDeedItem', 'deed { id }', { itemId: items.Fajr }),
    world.send(budi, 'createTarget', 'target { id }', goal),
    world.grant(budi, theirs, [{ itemId: items.Fajr, type: 'READ' }]),
  ])
    expect(outcome(await refused)).toMatch(/^(NOT_FOUND|BAD_USER_INPUT INVALID_GOAL)$/)
  const may = 'query ($id: ID!) { node(id: $id) { ... on DeedItem { viewerMay access { viewer { id } } } } }'
  expect((await world.ask(budi, may, { id: items.Fajr })).data.node).toEqual({
    viewerMay: ['READ', 'RECORD'],
    access: [],
  })
  expect((await world.ask(leila, may, { id: items.Fajr })).data.node.viewerMay).toEqual([
    'READ',
    'RECORD',
    'EDIT',
    'SHARE',
  ])
})

test('ENT-7 a delegate by a grant of the API records for the owner, and not over the owner’s own value unasked', async () => {
  await grantOne(items.Fajr, { type: 'WRITE', backfillDays: 2 })
  const owners = await record(leila, items.Fajr)
  expect(outcome(await record(budi, items.Fajr, { count: '5' }))).toBe('CONFLICT OWNER_VALUE_PROTECTED')
  const { version } = owners.data.answer.entry
  expect(outcome(await record(budi, items.Fajr, { count: '5', expectedVersion: version }))).toBe('ok')
  expect(outcome(await record(budi, items.Fajr, { notes: 'hidden' }))).toBe('FORBIDDEN NOTES_NOT_SHARED')
  const { rows } = await world.service.database.admin.query("select (now() at time zone 'utc')::date - 3 as day")
  const date = rows[0].day
  expect(outcome(await record(budi, items.Sunnah, { date }))).toBe('BAD_USER_INPUT DATE_OUT_OF_RANGE')
  const log = await world.ask(leila, '{ me { auditLog(first: 1) { nodes { action actor { id } ipAddress } } } }')
  expect(log.data.me.auditLog.nodes).toEqual([
    { action: 'entries.updated', actor: { id: budi.globalId }, ipAddress: null },
  ])
})

test('fifty shared items are asked about once: permissions, relations, access and what one may', async () => {
  const children = Array.from({ length: 50 }, (_, place) => ({ name: `Page ${place}` }))
  const made = await world.send(leila, 'createDeed', 'deed { id items { id } }', {
    category: 'HASANAAT',
    name: 'Reading',
    measure: 'COUNT',
    items: children,
  })
  const pages: { id: string }[] = made.data.answer.deed.items
  const granted = await world.grant(
    leila,
    relationId,
    pages.map(({ id }) => ({ itemId: id, type: 'WRITE' })),
  )
  expect(outcome(granted)).toBe('ok')
  const statements = ({ flights }: Awaited<ReturnType<typeof world.ask>>) => flights.flatMap(({ sql }) => sql)
  const each = 'id relation { id requestee { id } } item { name viewerMay }'
  const theirs = await world.ask(budi, `{ me { relations(direction: SENT) { nodes { permissions { ${each} } } } } }`)
  expect(theirs.data.me.relations.nodes[0].permissions).toHaveLength(50)
  // Account, relations, permissions, their relations, people, items, what one may.
  expect(statements(theirs).length).toBeLessThanOrEqual(8)
  const ofLeila = await world.ask(
    leila,
    `query ($id: ID!) { node(id: $id) { ... on Deed { itemTree { viewerMay access { viewer { id } permission { ${each} } grantedOn { name } } } } } }`,
    { id: made.data.answer.deed.id },
  )
  expect(ofLeila.data.node.itemTree.filter(({ access }: { access: unknown[] }) => access.length === 1)).toHaveLength(50)
  // And whether her address is confirmed, once.
  expect(statements(ofLeila).length).toBeLessThanOrEqual(9)
})

test('a relation has at most 100 permissions', async () => {
  const made = await world.send(leila, 'createDeed', 'deed { items { id } }', {
    category: 'HASANAAT',
    name: 'Many',
    measure: 'COUNT',
    items: Array.from({ length: 101 }, (_, place) => ({ name: `Item ${place}` })),
  })
  const grants = made.data.answer.deed.items.map(({ id }: { id: string }) => ({ itemId: id, type: 'READ' }))
  expect(outcome(await world.grant(leila, relationId, grants))).toBe('BAD_USER_INPUT OUT_OF_RANGE')
  expect(outcome(await world.grant(leila, relationId, grants.slice(0, 100)))).toBe('ok')
  expect(outcome(await world.grant(leila, relationId, grants.slice(100)))).toBe('CONFLICT TOO_MANY')
  // The same hundred on other terms is no more than a hundred.
  const changed = grants.slice(0, 100).map((grant: object) => ({ ...grant, sharesNotes: true }))
  expect(outcome(await world.grant(leila, relationId, changed))).toBe('ok')
})

test('SHA-3 of many changes to one grant at once, each is a version, and one holds', async () => {
  const changes = Array.from({ length: 12 }, (_, days) =>
    world.grant(leila, relationId, [{ itemId: items.Fajr, type: 'READ', backfillDays: days }]),
  )
  expect(new Set((await Promise.all(changes)).map(outcome))).toEqual(new Set(['ok']))
  const versions = await world.sql(
    'select version_number::int as version, is_active from permissions where user_id = $1 order by 1',
    [leila.userId],
  )
  expect(versions).toEqual(Array.from({ length: 12 }, (_, place) => ({ version: place + 1, is_active: place === 11 })))
})

test('each change is in the log of whose it is, and in nobody else’s', async () => {
  const { id } = await grantOne(items.Fajr)
  await world.revoke(leila, [id])
  const actions = async (person: Sharer) => {
    const { data } = await world.ask(
      person,
      '{ me { auditLog(first: 100) { nodes { action actor { id } objectId ipAddress requestId oldValues newValues } } } }',
    )
    return data.me.auditLog.nodes
      .filter(({ action }: { action: string }) => /^(relation|permission)/.test(action))
      .map(({ requestId, ...event }: { requestId: string }) => {
        expect(requestId).toEqual(expect.any(String))
        return event
      })
  }
  const [sent] = await world.listed(budi, 'SENT')
  const [hers, his] = [await actions(leila), await actions(budi)]
  const [own, other] = [{ id: leila.globalId }, { id: budi.globalId }]
  expect(hers).toMatchObject([
    { action: 'permissions.updated', actor: own, objectId: id, ipAddress: '127.0.0.1', newValues: { isActive: false } },
    { action: 'permissions.created', actor: own, objectId: id, newValues: { type: 'READ', itemId: items.Fajr } },
    { action: 'relations.updated', actor: own, objectId: relationId, newValues: { status: 'ACCEPTED' } },
    { action: 'relations.created', actor: other, objectId: relationId, ipAddress: null },
  ])
  expect(his).toMatchObject([
    { action: 'relation_requests.updated', actor: own, objectId: sent.id, ipAddress: null },
    { action: 'relation_requests.created', actor: other, objectId: sent.id, ipAddress: '127.0.0.1' },
  ])
  expect(JSON.stringify(hers)).not.toContain(leila.username)
})
