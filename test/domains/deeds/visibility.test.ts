import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld } from '../../support/deeds.ts'
import { type Made, newDeedOf, newPrayersOf, standing } from './shared-deeds.ts'

let world: DeedsWorld
let leila: Viewer
let budi: Viewer
let count = 0
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila-${count}`)
  budi = await world.newPerson(`budi-${count}`)
})

const newDeed = (input: object, as = leila) => newDeedOf(world, as, input)
const prayers = (more: object = {}) => newPrayersOf(world, leila, more)

async function share(item = '', options = {}) {
  await world.befriend(leila, budi)
  await world.grant(leila, budi, item, options)
}

const treeFor = async (viewer: Viewer, deedId: string) =>
  (await world.loadersOf(viewer).itemTree.load({ ownerId: leila.userId, deedId }))?.items ?? []

test('SHA-6 a grant shows the item, its subtree, and of its deed name, category, measure and unit', async () => {
  const { deedId, items } = await prayers({ unit: 'rakahs' })
  await newDeed({ name: 'Not shared', items: [{ name: 'Secret' }] })
  await world.sql(
    `update deeds set is_active = false, display_order = 7, updated_at = now() where user_id = $1 and deed_id = $2`,
    [leila.userId, deedId],
  )
  await share(items.Sunnah)
  const loaders = world.loadersOf(budi)
  const [deed, ...more] = await loaders.deedsOfOwner.load(leila.userId)
  expect(more).toEqual([])
  const [{ created = '' } = {}] = await world.sql(
    `select min(created_at)::text as created from deed_items where user_id = $1 and name in ('Sunnah', 'Two')`,
    [leila.userId],
  )
  expect(deed).toEqual({
    ownerId: leila.userId,
    deedId,
    name: 'Prayer',
    category: 'hasanaat',
    measure: 'count',
    unit: 'rakahs',
    description: null,
    displayOrder: 0,
    isHidden: false,
    version: 1,
    createdAt: created,
    updatedAt: created,
  })
  expect(await loaders.deed.load({ ownerId: leila.userId, deedId })).toEqual(deed)
  expect((await treeFor(budi, deedId)).map(standing)).toEqual([
    { name: 'Sunnah', parentId: null, level: 1, displayOrder: 0 },
    { name: 'Two', parentId: items.Sunnah, level: 2, displayOrder: 0 },
  ])
})

test('SHA-6 parent, path, level and place begin at the highest visible item, however the item is reached', async () => {
  const { deedId, items } = await prayers()
  await share(items.Fard)
  const loaders = world.loadersOf(budi)
  const fard = await loaders.deedItem.load({ ownerId: leila.userId, itemId: items.Fard ?? '' })
  expect(fard).toMatchObject({ name: 'Fard', parentId: null, level: 1, displayOrder: 0 })
  expect(fard?.tree?.pathTo(fard.itemId).map((item) => item.name)).toEqual(['Fard'])
  // The owner sees it where it is.
  const own = (await treeFor(leila, deedId)).find((item) => item.name === 'Fard')
  expect(own).toMatchObject({ parentId: items.Fajr, level: 2, displayOrder: 1 })
})

test('SHA-6 an item shared without its subtree, and one below what is not shared, both stand at the top', async () => {
  const { deedId, items } = await prayers()
  await share(items.Fajr, { withoutSubtree: true })
  await world.grant(leila, budi, items.Two ?? '')
  expect((await treeFor(budi, deedId)).map(standing)).toEqual([
    { name: 'Fajr', parentId: null, level: 1, displayOrder: 0 },
    { name: 'Two', parentId: null, level: 1, displayOrder: 1 },
  ])
})

test('SHA-6 the scale of a shared deed is shown, that of another is not', async () => {
  const scale = [{ name: 'late' }, { name: 'on time' }]
  const shared = await newDeed({ name: 'Shared', measure: 'SCALE', scale, items: [{ name: 'Fajr' }] })
  const secret = await newDeed({ name: 'Secret', measure: 'SCALE', scale, items: [{ name: 'Isha' }] })
  await share(shared.items.Fajr)
  const loaders = world.loadersOf(budi)
  const key = ({ deedId }: Made) => ({ ownerId: leila.userId, deedId })
  const [version, ...more] = await loaders.scalesOfDeed.load(key(shared))
  expect(more).toEqual([])
  const values = await loaders.valuesOfScale.load({ ownerId: leila.userId, scaleId: version?.scaleId ?? '' })
  expect(values.map((value) => value.name)).toEqual(['late', 'on time'])
  expect(await loaders.scaleOnDay.load({ ...key(shared), on: null })).toMatchObject({ versionNumber: 1 })
  expect(await loaders.scalesOfDeed.load(key(secret))).toEqual([])
  const [hidden] = await world.loadersOf(leila).scalesOfDeed.load(key(secret))
  expect(await loaders.scale.load({ ownerId: leila.userId, scaleId: hidden?.scaleId ?? '' })).toBeNull()
})

test('SHA-9 access ends with its time, and when it is taken back', async () => {
  const { deedId, items } = await prayers()
  await share(items.Isha, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
  expect(await treeFor(budi, deedId)).toHaveLength(1)
  await world.sql(`update item_access set expires_at = now() where user_id = $1 and viewer_id = $2`, [
    leila.userId,
    budi.userId,
  ])
  expect(await treeFor(budi, deedId)).toEqual([])
  expect(await world.loadersOf(budi).deedsOfOwner.load(leila.userId)).toEqual([])
  await world.grant(leila, budi, items.Fajr ?? '')
  expect(await treeFor(budi, deedId)).toHaveLength(4)
  await world.sql('update permissions set is_active = false, revoked_at = now() where user_id = $1 and is_active', [
    leila.userId,
  ])
  expect(await treeFor(budi, deedId)).toEqual([])
})

test('TREE-5 what is deleted is in no answer, to the owner or to others', async () => {
  const { deedId, items } = await prayers({ measure: 'SCALE', scale: [{ name: 'x' }] })
  await share(items.Fajr)
  const [{ deletion_id: itemDeletion } = { deletion_id: '' }] = await world.sql(
    `insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed_item', $2, 'Sunnah', $1) returning deletion_id`,
    [leila.userId, items.Sunnah],
  )
  await world.sql(
    `update deed_items set deleted_at = now(), deleted_by = $1, deletion_id = $2 where user_id = $1 and deed_item_id = any ($3)`,
    [leila.userId, itemDeletion, [items.Sunnah, items.Two]],
  )
  const names = async (viewer: Viewer) => (await treeFor(viewer, deedId)).map((item) => item.name)
  expect(await names(leila)).toEqual(['Fajr', 'Fard', 'Isha'])
  expect(await names(budi)).toEqual(['Fajr', 'Fard'])
  expect(await world.loadersOf(leila).deedItem.load({ ownerId: leila.userId, itemId: items.Two ?? '' })).toBeNull()

  await world.sql('begin')
  for (const table of ['deed_items', 'scales', 'deeds']) {
    await world.sql(
      `update ${table} set deleted_at = now(), deleted_by = $1, deletion_id = $2 where user_id = $1 and deed_id = $3 and deleted_at is null`,
      [leila.userId, itemDeletion, deedId],
    )
  }
  await world.sql('commit')
  for (const viewer of [leila, budi]) {
    const loaders = world.loadersOf(viewer)
    expect(await loaders.deedsOfOwner.load(leila.userId)).toEqual([])
    expect(await loaders.deed.load({ ownerId: leila.userId, deedId })).toBeNull()
    expect(await loaders.itemTree.load({ ownerId: leila.userId, deedId })).toBeNull()
    expect(await loaders.scalesOfDeed.load({ ownerId: leila.userId, deedId })).toEqual([])
  }
})

test('the trees of all deeds of several owners are one statement', async () => {
  const mine = await Promise.all(
    ['One', 'Two', 'Three'].map((name) => newDeed({ name, items: [{ name: 'a', children: [{ name: 'b' }] }] }, budi)),
  )
  const theirs = await prayers()
  await share(theirs.items.Fajr)
  const loaders = world.loadersOf(budi)
  const [own, shared] = await Promise.all([
    loaders.deedsOfOwner.load(budi.userId),
    loaders.deedsOfOwner.load(leila.userId),
  ])
  const deeds = [...own, ...shared]
  const trees = await Promise.all(deeds.map(({ ownerId, deedId }) => loaders.itemTree.load({ ownerId, deedId })))
  expect(trees.map((tree) => tree?.items.length)).toEqual([...mine.map(() => 2), 4])
  // A flight for the deeds, a flight for their trees; children, parents and paths need none.
  expect(loaders.flights.map((flight) => flight.statements)).toEqual([1, 1])
})

test('a page of fifty items of two owners asks once, and once more for what the viewer may', async () => {
  const mine = await newDeed(
    { name: 'Mine', items: Array.from({ length: 25 }, (_, index) => ({ name: `${index}` })) },
    budi,
  )
  const theirs = await newDeed({
    name: 'Theirs',
    items: [{ name: 'Root', children: Array.from({ length: 24 }, (_, index) => ({ name: `${index}` })) }],
  })
  await share(theirs.items.Root, { write: true })
  const loaders = world.loadersOf(budi)
  const keys = [
    ...Object.values(mine.items).map((itemId) => ({ ownerId: budi.userId, itemId })),
    ...Object.values(theirs.items).map((itemId) => ({ ownerId: leila.userId, itemId })),
  ]
  const items = await Promise.all(keys.map((key) => loaders.deedItem.load(key)))
  expect(items.filter(Boolean)).toHaveLength(50)
  const access = await Promise.all(keys.map((key) => loaders.itemAccess.load(key)))
  expect(access.every((allowed) => allowed?.mayRecord)).toBe(true)
  // One's own items and those of others are a statement each; access is one, for others' alone.
  expect(loaders.flights.map((flight) => flight.statements)).toEqual([2, 1])
})

test('SHA-8 what moves beside or above a shared item changes neither its version nor when its deed changed', async () => {
  const { deedId, items } = await prayers()
  await share(items.Sunnah)
  const seen = async () => {
    const loaders = world.loadersOf(budi)
    const key = { ownerId: leila.userId, deedId }
    return [await loaders.deed.load(key), (await loaders.itemTree.load(key))?.items.map(({ version }) => version)]
  }
  const before = await seen()
  expect(before[1]).toEqual([1, 1])
  await world.sql('update deed_items set parent_deed_item_id = $1 where deed_item_id = $2', [items.Isha, items.Fajr])
  await world.sql('update deed_items set display_order = display_order + 1 where user_id = $1', [leila.userId])
  expect(await seen()).toEqual(before)
})

test('SHA-8 a scale is locked for somebody else by the entries that they see', async () => {
  const scale = [{ name: 'late' }, { name: 'on time' }]
  const { deedId, items } = await newDeed({
    measure: 'SCALE',
    name: 'Prayer',
    scale,
    items: [{ name: 'A' }, { name: 'B' }],
  })
  await share(items.A)
  const locked = async (viewer: Viewer) =>
    (await world.loadersOf(viewer).scalesOfDeed.load({ ownerId: leila.userId, deedId })).map(({ isLocked }) => isLocked)
  const record = (item = '') =>
    world.sql(
      `insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id, created_by_user_id, updated_by_user_id)
       select user_id, $3, current_date, scale_id, scale_value_id, user_id, user_id from scale_values
       where user_id = $1 and deed_id = $2 limit 1`,
      [leila.userId, deedId, item],
    )
  await record(items.B)
  expect([await locked(leila), await locked(budi)]).toEqual([[true], [false]])
  await record(items.A)
  expect(await locked(budi)).toEqual([true])
})
