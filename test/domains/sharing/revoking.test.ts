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

const pastDocument = `query ($id: ID!) { node(id: $id) { ... on Relation {
  permissions { id versionNumber } pastPermissions { totalCount nodes { id versionNumber isEffective revokedAt type } }
} } }`

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
    const granted = await world.grant(leila, relationId, [{ itemId: items.Fajr, type: 'READ' }])
    const [{ id }] = granted.data.answer.permissions
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
