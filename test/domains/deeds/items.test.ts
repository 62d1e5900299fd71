import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedIdOf, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'

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

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { id itemTree { id name } } } }`
const CREATE = /* GraphQL */ `
  mutation CreateItems($input: CreateDeedItemsInput!) {
    createDeedItems(input: $input) { deed { itemCount } items { id name level displayOrder isPrivate parent { name } } }
  }`
const UPDATE = /* GraphQL */ `
  mutation UpdateItem($input: UpdateDeedItemInput!) {
    updateDeedItem(input: $input) { item { name description isHidden isPrivate version viewerMay } }
  }`
const MOVE = /* GraphQL */ `
  mutation MoveItem($input: MoveDeedItemInput!) {
    moveDeedItem(input: $input) { item { name level displayOrder version parent { name } path { name } deed { itemTree { name level displayOrder parent { name } } } } }
  }`

const create = (input: object, as = leila) => world.ask(as, CREATE, { input })
const update = (input: object, as = leila) => world.ask(as, UPDATE, { input })
const move = (input: object, as = leila) => world.ask(as, MOVE, { input })

/** A deed, and the global ids of its items by name. */
async function newDeed(
  name: string,
  items: object[],
  as = leila,
): Promise<{ id: string; items: Record<string, string> }> {
  const { data } = await world.ask(as, CREATE_DEED, { input: { category: 'HASANAAT', measure: 'COUNT', name, items } })
  const { id, itemTree } = data.createDeed.deed
  return { id, items: Object.fromEntries(itemTree.map((item: { id: string; name: string }) => [item.name, item.id])) }
}

/** Prayer: Fajr > (Sunnah, Fard), Isha > Witr. */
const prayers = () =>
  newDeed('Prayer', [
    { name: 'Fajr', children: [{ name: 'Sunnah' }, { name: 'Fard' }] },
    { name: 'Isha', children: [{ name: 'Witr' }] },
  ])

/** A line of items, each below the one before. */
const line = (...names: string[]): object[] => names.reduceRight<object[]>((children, name) => [{ name, children }], [])

/** The tree as stored, an item a line: its path, without what was deleted. */
async function outline(owner: Viewer, deedId: string): Promise<string[]> {
  const tree = await world.loadersOf(owner).itemTree.load({ ownerId: owner.userId, deedId: deedIdOf(deedId) })
  return (tree?.items ?? []).map(
    (item) =>
      tree
        ?.pathTo(item.itemId)
        .map(({ name }) => name)
        .join('/') ?? '',
  )
}

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
  expect(refusalOf(await create({ deedId: id, items: [] }))).toEqual({ code: 'BAD_USER_INPUT', field: 'input.items' })
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
  expect(refusalOf(await create({ deedId: id, items: [{ name: 'FAJR' }] }))).toEqual(taken('input.items'))
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
  const refused = { code: 'NOT_FOUND' }
  for (const itemId of [items.Fajr, items.Witr]) {
    expect(refusalOf(await update({ itemId, name: 'x' }, budi))).toEqual(refused)
    expect(refusalOf(await move({ itemId, parentId: null }, budi))).toEqual(refused)
    expect(refusalOf(await create({ deedId: mine.id, parentId: itemId, items: [{ name: 'x' }] }, budi))).toEqual(
      refused,
    )
    expect(refusalOf(await move({ itemId: mine.items.Item, parentId: itemId }, budi))).toEqual(refused)
  }
  expect(refusalOf(await create({ deedId: id, items: [{ name: 'x' }] }, budi))).toEqual(refused)
  expect(await outline(leila, id)).toEqual(['Fajr', 'Fajr/Sunnah', 'Fajr/Fard', 'Isha', 'Isha/Witr'])
})

test('TREE-2 a move takes the subtree along', async () => {
  const { id, items } = await prayers()
  const { data } = await move({ itemId: items.Fajr, parentId: items.Isha, position: 0 })
  expect(data.moveDeedItem.item).toEqual({
    name: 'Fajr',
    level: 2,
    displayOrder: 0,
    version: 2,
    parent: { name: 'Isha' },
    path: [{ name: 'Isha' }, { name: 'Fajr' }],
    deed: {
      itemTree: [
        { name: 'Isha', level: 1, displayOrder: 1, parent: null },
        { name: 'Fajr', level: 2, displayOrder: 0, parent: { name: 'Isha' } },
        { name: 'Sunnah', level: 3, displayOrder: 0, parent: { name: 'Fajr' } },
        { name: 'Fard', level: 3, displayOrder: 1, parent: { name: 'Fajr' } },
        { name: 'Witr', level: 2, displayOrder: 1, parent: { name: 'Isha' } },
      ],
    },
  })
  await move({ itemId: items.Fard, parentId: null })
  expect(await outline(leila, id)).toEqual(['Isha', 'Isha/Fajr', 'Isha/Fajr/Sunnah', 'Isha/Witr', 'Fard'])
})

test('TREE-2 an item takes another place among its siblings, or the last', async () => {
  const { id, items } = await newDeed('Order', [{ name: 'a' }, { name: 'b' }, { name: 'c' }])
  await move({ itemId: items.c, position: 0 })
  expect(await outline(leila, id)).toEqual(['c', 'a', 'b'])
  await move({ itemId: items.c, position: 1, expectedVersion: 2 })
  expect(await outline(leila, id)).toEqual(['a', 'c', 'b'])
  await move({ itemId: items.a })
  expect(await outline(leila, id)).toEqual(['c', 'b', 'a'])
  expect(refusalOf(await move({ itemId: items.a, position: -1 }))).toEqual({
    code: 'BAD_USER_INPUT',
    field: 'input.position',
  })
  expect(refusalOf(await move({ itemId: items.a, expectedVersion: 1 }))).toMatchObject({ reason: 'STALE_VERSION' })
})

test('TREE-2 no item goes below itself, into another deed, or deeper than 10 levels', async () => {
  const { items } = await prayers()
  const other = await newDeed('Deep', line('1', '2', '3', '4', '5', '6', '7', '8', '9'))
  const refused = (reason: string) => ({ code: 'BAD_USER_INPUT', reason, field: 'input.parentId' })
  expect(refusalOf(await move({ itemId: items.Fajr, parentId: items.Fajr }))).toEqual(refused('WOULD_CYCLE'))
  expect(refusalOf(await move({ itemId: items.Fajr, parentId: items.Sunnah }))).toEqual(refused('WOULD_CYCLE'))
  expect(refusalOf(await move({ itemId: items.Fajr, parentId: other.items['1'] }))).toEqual(refused('OTHER_DEED'))
  await create({ deedId: other.id, items: line('a', 'b') })
  const tree = await world.loadersOf(leila).itemTree.load({ ownerId: leila.userId, deedId: deedIdOf(other.id) })
  const a = tree?.items.find((item) => item.name === 'a')?.itemId ?? ''
  const itemId = Buffer.from(`DeedItem:${leila.userId}:${a}`).toString('base64url')
  expect(refusalOf(await move({ itemId, parentId: other.items['9'] }))).toEqual(refused('TOO_DEEP'))
  expect((await move({ itemId, parentId: other.items['8'] })).errors).toBeUndefined()
})

test('TREE-2 after any moves the tree is the one that a model keeps', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const moves = fc.array(
    fc.record({
      item: fc.constantFrom(...names),
      parent: fc.option(fc.constantFrom(...names)),
      position: fc.option(fc.integer({ min: 0, max: 6 })),
    }),
    { minLength: 1, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(moves, async (steps) => {
      const owner = await world.newPerson(crypto.randomUUID())
      const { id, items } = await newDeed(
        'Moved',
        names.map((name) => ({ name })),
        owner,
      )
      const model = new Map<string, string[]>([
        ['', [...names]],
        ...names.map((name): [string, string[]] => [name, []]),
      ])
      for (const { item, parent, position } of steps) {
        const below = (name: string): string[] => [name, ...(model.get(name) ?? []).flatMap(below)]
        const cycle = parent !== null && below(item).includes(parent)
        const answer = await move({ itemId: items[item], parentId: parent && items[parent], position }, owner)
        expect(answer.errors?.[0]?.extensions.reason).toBe(cycle ? 'WOULD_CYCLE' : undefined)
        if (cycle) continue
        for (const [name, children] of model)
          model.set(
            name,
            children.filter((child) => child !== item),
          )
        const siblings = model.get(parent ?? '') ?? []
        siblings.splice(position ?? siblings.length, 0, item)
      }
      const paths = (name: string, path: string[]): string[] => [
        path.concat(name).join('/'),
        ...(model.get(name) ?? []).flatMap((child) => paths(child, [...path, name])),
      ]
      expect(await outline(owner, id)).toEqual((model.get('') ?? []).flatMap((name) => paths(name, [])))
      const levels = await world.sql('select name, level from deed_items where user_id = $1', [owner.userId])
      const depths = new Map((await outline(owner, id)).map((path) => [path.split('/').at(-1), path.split('/').length]))
      for (const { name, level } of levels) expect(level).toBe(depths.get(name))
    }),
    { numRuns: 12 },
  )
})

test('TREE-2 two moves at once that would close a circle: one is refused', async () => {
  const { id, items } = await newDeed('Circle', [{ name: 'a' }, { name: 'b' }])
  const answers = await Promise.all([
    move({ itemId: items.a, parentId: items.b }),
    move({ itemId: items.b, parentId: items.a }),
  ])
  expect(answers.map((answer) => answer.errors?.[0]?.extensions.reason ?? 'moved').sort()).toEqual([
    'WOULD_CYCLE',
    'moved',
  ])
  expect((await outline(leila, id)).length).toBe(2)
})

test('SHA-4 a granted item can’t become private', async () => {
  const { items } = await prayers()
  const budi = await world.newPerson(`budi-${count}`)
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Fajr ?? ''))
  expect(refusalOf(await update({ itemId: items.Fajr, isPrivate: true }))).toMatchObject({
    code: 'CONFLICT',
    reason: 'ITEM_IS_PRIVATE',
  })
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

test('SHA-10 a move that would show more is refused with the gains, unless acknowledged', async () => {
  const { id, items } = await prayers()
  const budi = await world.newPerson(`budi-${count}`)
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Isha ?? ''))
  const refused = await move({ itemId: items.Fajr, parentId: items.Isha })
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'ACCESS_WOULD_WIDEN' })
  const gains = [refused.errors?.[0]?.extensions.gains].flat() as { itemIds: string[] }[]
  expect(gains.map(({ itemIds }) => itemIds.toSorted())).toEqual([[items.Fajr, items.Sunnah, items.Fard].toSorted()])
  expect(await outline(leila, id)).toEqual(['Fajr', 'Fajr/Sunnah', 'Fajr/Fard', 'Isha', 'Isha/Witr'])
  // Away from the grant nobody gains; nor does an order among siblings.
  expect((await move({ itemId: items.Witr, parentId: items.Fajr })).errors).toBeUndefined()
  expect((await move({ itemId: items.Fajr, position: 1 })).errors).toBeUndefined()
  expect(
    (await move({ itemId: items.Fajr, parentId: items.Isha, acknowledgeWiderAccess: true })).errors,
  ).toBeUndefined()
})

async function deedOf(itemId = '') {
  const item = await world.loadersOf(leila).deedItem.load({ ownerId: leila.userId, itemId: itemIdOf(itemId) })
  return { ownerId: leila.userId, deedId: item?.deedId ?? '' }
}
