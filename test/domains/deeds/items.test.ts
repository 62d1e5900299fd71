import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import { createItems, line, moveItem, newPrayers, newTree, outline, updateItem } from './item-requests.ts'

let world: DeedsWorld
let leila: Viewer
let count = 0
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila-${count}`)
})

const create = (input: object, as = leila) => createItems(world, as, input)
const update = (input: object, as = leila) => updateItem(world, as, input)
const move = (input: object, as = leila) => moveItem(world, as, input)
const newDeed = (name: string, items: object[], as = leila) => newTree(world, as, name, items)
const prayers = () => newPrayers(world, leila)

test('items are added after those that are there, each parent before its children', async () => {
  const { id, items } = await prayers()
  const { data } = await create({
    deedId: id,
    parentId: items.Fajr,
    items: [{ name: 'Dua', isPrivate: true, children: [{ name: 'Before' }] }, { name: 'After' }],
  })
  expect(data.createDeedItems).toEqual({
    deed: { itemCount: 8 },
    items: [
      { id: expect.any(String), name: 'Dua', level: 2, displayOrder: 2, isPrivate: true, parent: { name: 'Fajr' } },
      { id: expect.any(String), name: 'Before', level: 3, displayOrder: 0, isPrivate: false, parent: { name: 'Dua' } },
      { id: expect.any(String), name: 'After', level: 2, displayOrder: 3, isPrivate: false, parent: { name: 'Fajr' } },
    ],
  })
  expect(refusalOf(await create({ deedId: id, items: [] }))).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'EMPTY_LIST',
    field: 'input.items',
  })
  const top = await create({ deedId: id, items: [{ name: 'Tahajjud' }] })
  expect(top.data.createDeedItems.items).toMatchObject([{ level: 1, displayOrder: 2, parent: null }])
})

test('TREE-1 items are added at most 10 deep, and below an item of the same deed', async () => {
  const { id, items } = await newDeed('Deep', line('1', '2', '3', '4', '5', '6', '7', '8', '9'))
  const other = await newDeed('Other', [{ name: 'Elsewhere' }])
  const below = (parentId: string | undefined, added: object[]) => create({ deedId: id, parentId, items: added })
  expect(refusalOf(await below(items['9'], line('10', '11')))).toMatchObject({
    code: 'BAD_USER_INPUT',
    reason: 'TOO_DEEP',
  })
  expect((await below(items['9'], line('10'))).errors).toBeUndefined()
  expect(refusalOf(await below(other.items.Elsewhere, line('x')))).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'OTHER_DEED',
    field: 'input.parentId',
  })
})

test('TREE-3 names are unique among live siblings, in NFC and without case', async () => {
  const { id, items } = await prayers()
  const taken = (field: string) => ({ code: 'CONFLICT', reason: 'DUPLICATE_NAME', field })
  expect(refusalOf(await create({ deedId: id, items: [{ name: 'FAJR' }] }))).toEqual(taken('input.items[0].name'))
  expect(refusalOf(await create({ deedId: id, items: [{ name: 'New' }, { name: 'isha' }] }))).toEqual(
    taken('input.items[1].name'),
  )
  expect(refusalOf(await update({ itemId: items.Sunnah, name: 'fard' }))).toEqual(taken('input.name'))
  expect((await create({ deedId: id, parentId: items.Isha, items: [{ name: 'Sunnah' }] })).errors).toBeUndefined()
  expect(refusalOf(await move({ itemId: items.Sunnah, parentId: items.Isha }))).toEqual(taken('input.parentId'))
})

test('at most 500 live items a deed: what comes on top is TOO_MANY', async () => {
  const wide = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({ name: `item ${from + index}` }))
  const { id } = await newDeed('Wide', wide(0, 499))
  expect(refusalOf(await create({ deedId: id, items: wide(499, 501) }))).toEqual({
    code: 'CONFLICT',
    reason: 'TOO_MANY',
  })
  expect((await create({ deedId: id, items: wide(499, 500) })).data.createDeedItems.deed.itemCount).toBe(500)
})

test('what is left out of a change stays', async () => {
  const { items } = await prayers()
  const changed = async (input: object) => (await update({ itemId: items.Fajr, ...input })).data.updateDeedItem.item
  expect(await changed({ description: 'At dawn', isHidden: true })).toMatchObject({
    name: 'Fajr',
    description: 'At dawn',
    isHidden: true,
    version: 2,
  })
  expect(await changed({ name: 'Dawn' })).toMatchObject({
    name: 'Dawn',
    description: 'At dawn',
    isHidden: true,
    version: 3,
  })
  expect(await changed({ isPrivate: true })).toMatchObject({ isPrivate: true, viewerMay: ['READ', 'RECORD', 'EDIT'] })
  const stale = await update({ itemId: items.Fajr, name: 'x', expectedVersion: 3 })
  expect(stale.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'STALE_VERSION', currentVersion: 4 })
})

test('SHA-8 items of somebody else’s, shared or not, are nobody else’s to change', async () => {
  const { id, items } = await prayers()
  const budi = await world.newPerson(`budi-${count}`)
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Fajr ?? ''), { write: true })
  const mine = await newDeed('Mine', [{ name: 'Item' }], budi)
  const refused = (name: string) => ({ code: 'NOT_FOUND', field: `input.${name}` })
  for (const itemId of [items.Fajr, items.Witr]) {
    expect(refusalOf(await update({ itemId, name: 'x' }, budi))).toEqual(refused('itemId'))
    expect(refusalOf(await move({ itemId, parentId: null }, budi))).toEqual(refused('itemId'))
    expect(refusalOf(await create({ deedId: mine.id, parentId: itemId, items: [{ name: 'x' }] }, budi))).toEqual(
      refused('parentId'),
    )
    expect(refusalOf(await move({ itemId: mine.items.Item, parentId: itemId }, budi))).toEqual(refused('parentId'))
  }
  expect(refusalOf(await create({ deedId: id, items: [{ name: 'x' }] }, budi))).toEqual(refused('deedId'))
  expect(await outline(world, leila, id)).toEqual(['Fajr', 'Fajr/Sunnah', 'Fajr/Fard', 'Isha', 'Isha/Witr'])
})

test('SHA-4 a granted item can’t become private', async () => {
  const { items } = await prayers()
  const budi = await world.newPerson(`budi-${count}`)
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Fajr ?? ''))
  const refused = await update({ itemId: items.Fajr, isPrivate: true })
  const of = 'query ($id: ID!) { node(id: $id) { ... on DeedItem { access { permission { id } } } } }'
  const { access } = (await world.ask(leila, of, { id: items.Fajr })).data.node
  expect(refused.errors?.[0]?.extensions).toEqual({
    code: 'CONFLICT',
    reason: 'ITEM_IS_PRIVATE',
    field: 'input.isPrivate',
    permissionIds: access.map(({ permission }: { permission: { id: string } }) => permission.id),
  })
  expect(refused.errors?.[0]?.message).toMatch(/^A permission stands on this item, .* with `revokePermissions`, then/)
  // What lies below it can: the grant above then no longer shows it.
  expect((await update({ itemId: items.Fard, isPrivate: true })).errors).toBeUndefined()
  const seen = await world.loadersOf(budi).itemTree.load(await deedOf(items.Fajr))
  expect(seen?.items.map((item) => item.name)).toEqual(['Fajr', 'Sunnah'])
})

test('SHA-10 lifting privacy that would show more is refused with the gains, unless acknowledged', async () => {
  const { items } = await prayers()
  const budi = await world.newPerson(`budi-${count}`)
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Isha ?? ''))
  await update({ itemId: items.Witr, isPrivate: true })
  const refused = await update({ itemId: items.Witr, isPrivate: false, name: 'Odd' })
  expect(refused.errors?.[0]?.extensions).toMatchObject({
    code: 'CONFLICT',
    reason: 'ACCESS_WOULD_WIDEN',
    gains: [{ userId: Buffer.from(`User:${budi.userId}`).toString('base64url'), itemIds: [items.Witr] }],
  })
  const witr = () => world.loadersOf(leila).deedItem.load({ ownerId: leila.userId, itemId: itemIdOf(items.Witr ?? '') })
  expect(await witr()).toMatchObject({ name: 'Witr', isPrivate: true, version: 2 })
  const meant = await update({ itemId: items.Witr, isPrivate: false, acknowledgeWiderAccess: true })
  expect(meant.data.updateDeedItem.item).toMatchObject({ isPrivate: false })
  // Where nobody gains, nothing need be acknowledged.
  await update({ itemId: items.Sunnah, isPrivate: true })
  expect((await update({ itemId: items.Sunnah, isPrivate: false })).errors).toBeUndefined()
})

async function deedOf(itemId = '') {
  const item = await world.loadersOf(leila).deedItem.load({ ownerId: leila.userId, itemId: itemIdOf(itemId) })
  return { ownerId: leila.userId, deedId: item?.deedId ?? '' }
}
