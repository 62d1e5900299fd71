import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type RelationPage, type RelationRow, relationsPage } from '../../../src/domains/sharing/queries/relations.ts'
import { type Databases, makeViewerDatabases } from '../../../src/platform/database/databases.ts'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld } from '../../support/deeds.ts'
import { quietLog } from '../../support/diaries.ts'

let world: DeedsWorld
let databases: Databases
let leila: Viewer
let budi: Viewer
let count = 0
beforeAll(async () => {
  world = await deedsWorld()
  databases = makeViewerDatabases({ connections: world.service.database.connections, log: quietLog() })
})
afterAll(async () => {
  await databases.stop()
  await world.stop()
})
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila-${count}`)
  budi = await world.newPerson(`budi-${count}`)
})

/** A request that `requester` sent to `requestee`. */
async function request(requester: Viewer, requestee: Viewer): Promise<string> {
  const [row] = await world.sql(
    `insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, $3) returning relation_id`,
    [requestee.userId, requester.userId, `person ${requestee.userId}`],
  )
  return row?.relation_id ?? ''
}

const answer = (relationId: string, status: string) =>
  world.sql('update relations set status = $2 where relation_id = $1', [relationId, status])

const all = { direction: null, status: null, first: 20, after: null } as const
const relationsOf = async (viewer: Viewer, options = {}) =>
  (await relationsPage(databases.forViewer(viewer).db, viewer.userId, { ...all, ...options })).rows

async function newItem(owner: Viewer, name: string): Promise<string> {
  const [row] = await world.sql(
    `with deed as (
       insert into deeds (user_id, category_type, name, measure_type) values ($1, 'hasanaat', $2, 'count') returning user_id, deed_id
     )
     insert into deed_items (user_id, deed_id, name) select user_id, deed_id, $2 from deed returning deed_item_id`,
    [owner.userId, name],
  )
  return row?.deed_item_id ?? ''
}

const sentBy = async (viewer: Viewer) => (await relationsOf(viewer, { direction: 'SENT' })).map(seenOf)
const seenOf = ({ relationId: _, createdAt: __, ...seen }: RelationRow) => seen

test('SHA-1 to the requester a declined or blocked request looks pending, in every field', async () => {
  const looks = async (status: string) => {
    const asker = await world.newPerson(crypto.randomUUID())
    const relationId = await request(asker, leila)
    if (status !== 'pending') await answer(relationId, status)
    expect(await relationsOf(asker, { status: 'declined' })).toEqual([])
    expect(await relationsOf(asker, { status: 'pending' })).toHaveLength(1)
    const [seen, ...more] = await sentBy(asker)
    expect(more).toEqual([])
    return { ...seen, ownerId: 'asker', requesterId: 'asker' }
  }
  const pending = await looks('pending')
  expect(pending).toEqual({
    ownerId: 'asker',
    direction: 'SENT',
    requesterId: 'asker',
    requesteeId: null,
    grantedById: null,
    sentTo: `person ${leila.userId}`,
    status: 'pending',
    respondedAt: null,
  })
  expect(await looks('declined')).toEqual(pending)
  expect(await looks('blocked')).toEqual(pending)
})

test('SHA-1 the one who was asked sees the answer that they gave', async () => {
  const relationId = await request(budi, leila)
  expect(await relationsOf(leila)).toMatchObject([
    { direction: 'RECEIVED', relationId, status: 'pending', respondedAt: null },
  ])
  await answer(relationId, 'declined')
  expect(await relationsOf(leila, { status: 'declined' })).toMatchObject([
    { status: 'declined', respondedAt: expect.any(String) },
  ])
})

test('SHA-2 who was asked is named once they accept, and the address only to who sent it', async () => {
  const relationId = await request(budi, leila)
  expect(await sentBy(budi)).toMatchObject([{ requesteeId: null, sentTo: `person ${leila.userId}` }])
  expect(await relationsOf(leila)).toMatchObject([
    { requesterId: budi.userId, requesteeId: leila.userId, sentTo: null },
  ])
  await answer(relationId, 'accepted')
  expect(await sentBy(budi)).toMatchObject([
    { requesteeId: leila.userId, status: 'accepted', respondedAt: expect.any(String) },
  ])
})

test('SHA-2 what was not answered in 30 days has ended, and so has what only looks so', async () => {
  for (const status of ['pending', 'declined', 'blocked', 'accepted']) {
    const relationId = await request(budi, await world.newPerson(crypto.randomUUID()))
    if (status !== 'pending') await answer(relationId, status)
  }
  await request(budi, leila)
  await world.sql('alter table relations disable trigger user; alter table relation_requests disable trigger user')
  await world.sql(`update relations set created_at = now() - interval '31 days' where requester_id = $1`, [budi.userId])
  await world.sql(`update relation_requests set created_at = now() - interval '31 days' where user_id = $1`, [
    budi.userId,
  ])
  await world.sql('alter table relations enable trigger user; alter table relation_requests enable trigger user')
  expect(await sentBy(budi)).toMatchObject([{ status: 'accepted' }])
  expect(await relationsOf(leila)).toEqual([])
})

test('SHA-8 a relation is seen by its two people alone, each by a key of their own', async () => {
  const relationId = await request(budi, leila)
  const stranger = await world.newPerson(`stranger-${count}`)
  const received = { ownerId: leila.userId, direction: 'RECEIVED', relationId }
  const [row] = await relationsOf(budi)
  const sent = { ownerId: budi.userId, direction: 'SENT', relationId: row?.relationId ?? '' }
  expect(await relationsOf(stranger)).toEqual([])
  for (const key of [received, sent]) expect(await world.loadersOf(stranger).relation.load(key)).toBeNull()
  expect(await world.loadersOf(stranger).relationsWith.load(leila.userId)).toEqual([])
  expect(await world.loadersOf(budi).relation.load(sent)).toMatchObject({ status: 'pending' })
  expect(await world.loadersOf(budi).relation.load(received)).toBeNull()
  expect(await world.loadersOf(leila).relation.load(sent)).toBeNull()
  expect(await world.loadersOf(budi).relationsWith.load(leila.userId)).toEqual([])
  expect(await world.loadersOf(leila).relationsWith.load(budi.userId)).toMatchObject([{ relationId }])
})

test('relations come page by page, the latest first, by direction', async () => {
  const sent: string[] = []
  for (let asked = 0; asked < 5; asked += 1) {
    const somebody = await world.newPerson(crypto.randomUUID())
    await request(leila, somebody)
    sent.unshift(`person ${somebody.userId}`)
  }
  const received = await request(budi, leila)
  const { db } = databases.forViewer(leila)
  const seen: (string | null)[] = []
  let after: string | null = null
  do {
    const page: RelationPage = await relationsPage(db, leila.userId, { ...all, direction: 'SENT', first: 2, after })
    seen.push(...page.rows.map((relation) => relation.sentTo))
    after = page.hasNextPage ? (page.cursors.at(-1) ?? null) : null
  } while (after)
  expect(seen).toEqual(sent)
  expect((await relationsOf(leila, { direction: 'RECEIVED' })).map((relation) => relation.relationId)).toEqual([
    received,
  ])
  const page = await relationsPage(db, leila.userId, { ...all, first: 1 })
  expect(await page.countAll()).toBe(6)
})

test('a permission is seen by both sides, while it holds', async () => {
  const relationId = await world.befriend(leila, budi)
  const item = await newItem(leila, 'Prayer')
  const permissionId = await world.grant(leila, budi, item, { write: true, notes: true, backfillDays: 3 })
  const key = { ownerId: leila.userId, permissionId }
  const granted = {
    ...key,
    relationId,
    itemId: item,
    type: 'write',
    includesDescendants: true,
    sharesNotes: true,
    backfillDays: 3,
    expiresAt: null,
    versionNumber: 1,
    isEffective: true,
    grantedAt: expect.any(String),
    revokedAt: null,
  }
  const stranger = await world.newPerson(`stranger-${count}`)
  for (const viewer of [leila, budi]) {
    const loaders = world.loadersOf(viewer)
    expect(await loaders.permission.load(key)).toEqual(granted)
    expect(await loaders.permissionsOfRelation.load({ ownerId: leila.userId, relationId })).toEqual([granted])
  }
  expect(await world.loadersOf(stranger).permission.load(key)).toBeNull()
  await world.sql('update permissions set is_active = false, revoked_at = now() where permission_id = $1', [
    permissionId,
  ])
  expect(await world.loadersOf(budi).permission.load(key)).toBeNull()
  expect(await world.loadersOf(leila).permission.load(key)).toMatchObject({
    isEffective: false,
    revokedAt: expect.any(String),
  })
})

test('SHA-3 access says what was granted; SHA-4 the owner always may', async () => {
  await world.befriend(leila, budi)
  const [read, written, plain] = [
    await newItem(leila, 'Read'),
    await newItem(leila, 'Written'),
    await newItem(leila, 'Plain'),
  ]
  await world.grant(leila, budi, read, { notes: true })
  await world.grant(leila, budi, written, { write: true, backfillDays: 3 })
  const loaders = world.loadersOf(budi)
  const access = (itemId: string) => loaders.itemAccess.load({ ownerId: leila.userId, itemId })
  const [reading, writing, nothing] = await Promise.all([access(read), access(written), access(plain)])
  expect(reading).toMatchObject({ mayRead: true, mayRecord: false, sharesNotes: true, expiresAt: null })
  expect(writing).toMatchObject({ mayRead: true, mayRecord: true, sharesNotes: false, backfillDays: 3 })
  expect(nothing).toMatchObject({ mayRead: false, mayRecord: false, sharesNotes: false })
  expect(loaders.flights.map((flight) => flight.statements)).toEqual([1])
  const own = world.loadersOf(leila)
  expect(await own.itemAccess.load({ ownerId: leila.userId, itemId: plain })).toMatchObject({
    mayRecord: true,
    sharesNotes: true,
    backfillDays: null,
  })
  expect(own.flights).toEqual([])
})
