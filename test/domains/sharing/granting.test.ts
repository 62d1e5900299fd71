import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { refusalOf } from '../../support/deeds.ts'
import { type Sharer, type SharingWorld, sharingWorld } from '../../support/sharing.ts'
import { outcome } from '../identity/people.ts'

let world: SharingWorld
let leila: Sharer
let budi: Sharer
/** Leila's side of the relation in which Budi sees what she grants. */
let relationId: string
let items: Awaited<ReturnType<SharingWorld['prayers']>>
beforeAll(async () => {
  world = await sharingWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  leila = await world.newPerson('Leila')
  budi = await world.newPerson('Budi')
  relationId = await world.befriend(budi, leila)
  items = await world.prayers(leila)
})

const namesSeen = async (viewer: Sharer) => {
  const { data } = await world.ask(viewer, 'query ($id: ID!) { user(id: $id) { deeds { itemTree { name } } } }', {
    id: leila.globalId,
  })
  return (data.user?.deeds ?? []).flatMap((deed: { itemTree: { name: string }[] }) =>
    deed.itemTree.map(({ name }) => name),
  )
}
const record = (as: Sharer, itemId: string, input: object = {}) =>
  world.send(as, 'recordEntry', 'entry { id count notes recordedBy { id } version }', { itemId, count: '1', ...input })
const grantOne = async (itemId: string, input: object = {}) =>
  (await world.grant(leila, relationId, [{ itemId, type: 'READ', ...input }])).data.answer.permissions[0]

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

test('SHA-9 what was revoked is gone from every node, list and mutation with the next request', async () => {
  const permission = await grantOne(items.Fajr, { type: 'WRITE' })
  const entryId = (await record(budi, items.Sunnah)).data.answer.entry.id
  const { data } = await world.revoke(leila, [permission.id, permission.id])
  expect(data.answer.permissions).toHaveLength(2)
  expect(data.answer.permissions[0]).toMatchObject({ isEffective: false, revokedAt: expect.any(String) })
  expect(outcome(await world.revoke(leila, [permission.id]))).toBe('ok')
  expect(await namesSeen(budi)).toEqual([])
  expect(outcome(await record(budi, items.Sunnah))).toBe('NOT_FOUND')
  expect(outcome(await world.send(budi, 'clearEntry', 'date', { entryId }))).toBe('NOT_FOUND')
  const nodes = await world.ask(budi, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    ids: [items.Prayer, items.Fajr, items.Sunnah, entryId, permission.id],
  })
  expect(nodes.data.nodes).toEqual([null, null, null, null, null])
  expect(outcome(await world.revoke(budi, [permission.id]))).toBe('NOT_FOUND')
  const none = toGlobalId('Permission', { ownerId: leila.userId, permissionId: '999999' })
  expect(refusalOf(await world.revoke(leila, [none]))).toEqual({ code: 'NOT_FOUND', field: 'input.permissionIds[0]' })
})

test('SHA-9 what ran out shows nothing, and is granted anew as the next version', async () => {
  const permission = await grantOne(items.Fajr, { expiresAt: '2999-01-01T00:00:00Z' })
  await world.sql('alter table permissions disable trigger user')
  await world.sql(
    "update permissions set granted_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' where user_id = $1",
    [leila.userId],
  )
  await world.sql('alter table permissions enable trigger user')
  await world.sql("update item_access set expires_at = now() - interval '1 hour' where user_id = $1", [leila.userId])
  expect(await namesSeen(budi)).toEqual([])
  const past = await world.ask(leila, pastDocument, { id: relationId })
  expect(past.data.node).toMatchObject({
    permissions: [],
    pastPermissions: { nodes: [{ id: permission.id, isEffective: false, revokedAt: null }] },
  })
  expect(await grantOne(items.Fajr)).toMatchObject({ versionNumber: 2, isEffective: true })
  expect(await namesSeen(budi)).toEqual(['Fajr', 'Sunnah'])
})

test('SHA-1 removing or blocking a relation ends its permissions', async () => {
  for (const end of [
    () => world.remove(leila, relationId),
    () => world.respond(leila, relationId, 'BLOCK'),
    async () => world.remove(budi, (await world.listed(budi, 'SENT'))[0].id),
  ]) {
    budi = await world.newPerson('Budi')
    relationId = await world.befriend(budi, leila)
    const { id } = await grantOne(items.Fajr)
    expect(await namesSeen(budi)).toEqual(['Fajr', 'Sunnah'])
    expect(outcome(await end())).toBe('ok')
    expect(outcome(await world.ask(budi, 'query ($id: ID!) { user(id: $id) { id } }', { id: leila.globalId }))).toBe(
      'NOT_FOUND',
    )
    expect(outcome(await world.ask(budi, 'query ($id: ID!) { node(id: $id) { id } }', { id: items.Fajr }))).toBe(
      'NOT_FOUND',
    )
    const { data } = await world.ask(
      leila,
      'query ($id: ID!) { node(id: $id) { ... on Permission { revokedAt item { id } } } }',
      { id },
    )
    expect(data.node).toEqual({ revokedAt: expect.any(String), item: { id: items.Fajr } })
  }
})

test('SHA-10 a move or a lifted privacy that would show more says to whom and what, and does it once acknowledged', async () => {
  await grantOne(items.Fajr)
  const gains = async (mutation: string, input: object) => {
    const answer = await world.send(leila, mutation, 'item { id }', input)
    expect(outcome(answer)).toBe('CONFLICT ACCESS_WOULD_WIDEN')
    return answer.errors?.[0]?.extensions.gains
  }
  const move = { itemId: items.Isha, parentId: items.Fajr }
  expect(await gains('moveDeedItem', move)).toEqual([{ userId: budi.globalId, itemIds: [items.Isha] }])
  expect(await namesSeen(budi)).toEqual(['Fajr', 'Sunnah'])
  expect(
    outcome(await world.send(leila, 'moveDeedItem', 'item { id }', { ...move, acknowledgeWiderAccess: true })),
  ).toBe('ok')
  expect(await namesSeen(budi)).toEqual(['Fajr', 'Sunnah', 'Isha'])
  await world.send(leila, 'updateDeedItem', 'item { id }', { itemId: items.Isha, isPrivate: true })
  const lift = { itemId: items.Isha, isPrivate: false }
  expect(await gains('updateDeedItem', lift)).toEqual([{ userId: budi.globalId, itemIds: [items.Isha] }])
  expect(
    outcome(await world.send(leila, 'updateDeedItem', 'item { id }', { ...lift, acknowledgeWiderAccess: true })),
  ).toBe('ok')
  // Back out of what is shared: that shows less, and asks nothing.
  expect(outcome(await world.send(leila, 'moveDeedItem', 'item { id }', { itemId: items.Isha, parentId: null }))).toBe(
    'ok',
  )
  expect(await namesSeen(budi)).toEqual(['Fajr', 'Sunnah'])
})

const accessDocument = `query ($id: ID!) { node(id: $id) { ... on DeedItem {
  access { viewer { fullName } permission { id type } grantedOn { name } }
} } }`

test('SHA-4 the owner reads of an item who sees it, by which permission on which item', async () => {
  const maryam = await world.newPerson('Maryam')
  const hers = await world.befriend(maryam, leila)
  const above = await grantOne(items.Fajr)
  const own = await grantOne(items.Sunnah, { type: 'WRITE' })
  const { data } = await world.grant(leila, hers, [{ itemId: items.Fajr, type: 'READ', includesDescendants: false }])
  const alone = data.answer.permissions[0]
  const access = async (id: string) => (await world.ask(leila, accessDocument, { id })).data.node.access
  const through = (viewer: string, { id, type }: { id: string; type: string }, name: string) => ({
    viewer: { fullName: viewer },
    permission: { id, type },
    grantedOn: { name },
  })
  expect(await access(items.Sunnah)).toEqual([through('Budi', above, 'Fajr'), through('Budi', own, 'Sunnah')])
  expect(await access(items.Fajr)).toEqual([through('Budi', above, 'Fajr'), through('Maryam', alone, 'Fajr')])
  expect(await access(items.Isha)).toEqual([])
  await world.revoke(leila, [own.id])
  await world.send(leila, 'updateDeedItem', 'item { id }', { itemId: items.Sunnah, isPrivate: true })
  expect(await access(items.Sunnah)).toEqual([])
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

test('SHA-1 of granting and removing at once, nothing stays granted', async () => {
  for (let round = 0; round < 6; round += 1) {
    const friend = await world.newPerson('Friend')
    const relation = await world.befriend(friend, leila)
    const [sent] = await world.listed(friend, 'SENT')
    const [granted, removed, again] = await Promise.all([
      world.grant(leila, relation, [{ itemId: items.Fajr, type: 'READ' }]),
      round % 2 ? world.remove(leila, relation) : world.remove(friend, sent.id),
      world.grant(leila, relation, [{ itemId: items.Isha, type: 'WRITE' }]),
    ])
    expect(outcome(removed)).toBe('ok')
    for (const answer of [granted, again]) expect(['ok', 'NOT_FOUND']).toContain(outcome(answer))
    expect(await world.sql('select from item_access where viewer_id = $1', [friend.userId])).toEqual([])
    expect(await world.sql('select from permissions where requester_id = $1 and is_active', [friend.userId])).toEqual(
      [],
    )
  }
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
