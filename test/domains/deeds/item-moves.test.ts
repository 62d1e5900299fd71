import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedIdOf, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import { createItems, line, moveItem, newPrayers, newTree, outline } from './item-requests.ts'

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

const move = (input: object, as = leila) => moveItem(world, as, input)
const newDeed = (name: string, items: object[], as = leila) => newTree(world, as, name, items)
const prayers = () => newPrayers(world, leila)

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
  expect(await outline(world, leila, id)).toEqual(['Isha', 'Isha/Fajr', 'Isha/Fajr/Sunnah', 'Isha/Witr', 'Fard'])
})

test('a move raises the version of what is moved, and of nothing that it passes or takes along', async () => {
  const { id, items } = await newDeed('Versions', [
    { name: 'a' },
    { name: 'b', children: [{ name: 'below', children: [{ name: 'deepest' }] }] },
    { name: 'c' },
  ])
  const versions = async () => {
    const tree = await world.loadersOf(leila).itemTree.load({ ownerId: leila.userId, deedId: deedIdOf(id) })
    return Object.fromEntries((tree?.items ?? []).map(({ name, version }) => [name, version]))
  }
  await move({ itemId: items.c, position: 0 })
  expect(await versions()).toEqual({ a: 1, b: 1, below: 1, deepest: 1, c: 2 })
  await move({ itemId: items.below, parentId: null, position: 0 })
  expect(await versions()).toEqual({ a: 1, b: 1, below: 2, deepest: 1, c: 2 })
  expect((await move({ itemId: items.a, position: 0, expectedVersion: 1 })).errors).toBeUndefined()
  // Nothing that is where it was has changed.
  await move({ itemId: items.a, position: 0, expectedVersion: 2 })
  expect(await versions()).toEqual({ a: 2, b: 1, below: 2, deepest: 1, c: 2 })
})

test('TREE-2 an item takes another place among its siblings, or the last', async () => {
  const { id, items } = await newDeed('Order', [{ name: 'a' }, { name: 'b' }, { name: 'c' }])
  await move({ itemId: items.c, position: 0 })
  expect(await outline(world, leila, id)).toEqual(['c', 'a', 'b'])
  await move({ itemId: items.c, position: 1, expectedVersion: 2 })
  expect(await outline(world, leila, id)).toEqual(['a', 'c', 'b'])
  await move({ itemId: items.a })
  expect(await outline(world, leila, id)).toEqual(['c', 'b', 'a'])
  expect(refusalOf(await move({ itemId: items.a, position: -1 }))).toEqual({
    code: 'BAD_USER_INPUT',
    reason: 'OUT_OF_RANGE',
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
  await createItems(world, leila, { deedId: other.id, items: line('a', 'b') })
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
      expect(await outline(world, owner, id)).toEqual((model.get('') ?? []).flatMap((name) => paths(name, [])))
      const levels = await world.sql('select name, level from deed_items where user_id = $1', [owner.userId])
      const depths = new Map(
        (await outline(world, owner, id)).map((path) => [path.split('/').at(-1), path.split('/').length]),
      )
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
  expect((await outline(world, leila, id)).length).toBe(2)
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
  expect(await outline(world, leila, id)).toEqual(['Fajr', 'Fajr/Sunnah', 'Fajr/Fard', 'Isha', 'Isha/Witr'])
  // Away from the grant nobody gains; nor does an order among siblings.
  expect((await move({ itemId: items.Witr, parentId: items.Fajr })).errors).toBeUndefined()
  expect((await move({ itemId: items.Fajr, position: 1 })).errors).toBeUndefined()
  expect(
    (await move({ itemId: items.Fajr, parentId: items.Isha, acknowledgeWiderAccess: true })).errors,
  ).toBeUndefined()
})
