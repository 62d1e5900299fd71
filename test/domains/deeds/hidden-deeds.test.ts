import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { itemsByKeys, visibleDeedsOfOwners } from '../../../src/domains/deeds/queries.ts'
import { type Databases, makeViewerDatabases } from '../../../src/platform/database/databases.ts'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedsWorld } from '../../support/deeds.ts'
import { quietLog } from '../../support/diaries.ts'
import { newDeedOf, newPrayersOf, standing } from './shared-deeds.ts'

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

const newDeed = (input: object, as = leila) => newDeedOf(world, as, input)
const prayers = () => newPrayersOf(world, leila)

async function share(item = '') {
  await world.befriend(leila, budi)
  await world.grant(leila, budi, item)
}

test('SHA-8 to a stranger, and to whom something else is shared, nothing of a deed exists', async () => {
  const { deedId, items } = await prayers()
  const other = await newDeed({ name: 'Other', measure: 'SCALE', scale: [{ name: 'x' }], items: [{ name: 'Item' }] })
  const stranger = await world.newPerson(`stranger-${count}`)
  await share(other.items.Item)
  for (const viewer of [stranger, budi]) {
    const loaders = world.loadersOf(viewer)
    expect(await loaders.deed.load({ ownerId: leila.userId, deedId })).toBeNull()
    expect(await loaders.itemTree.load({ ownerId: leila.userId, deedId })).toBeNull()
    expect(await loaders.deedItem.load({ ownerId: leila.userId, itemId: items.Fajr ?? '' })).toBeNull()
    expect(await loaders.itemAccess.load({ ownerId: leila.userId, itemId: items.Fajr ?? '' })).toMatchObject({
      mayRead: false,
    })
  }
  expect(await world.loadersOf(stranger).deedsOfOwner.load(leila.userId)).toEqual([])
})

test('SHA-8 an owner who is not declared shows nothing, whoever asks', async () => {
  const { deedId, items } = await prayers()
  await share(items.Fajr)
  const undeclared = databases.forViewer(budi).db
  expect(await itemsByKeys(undeclared, budi.userId, [{ ownerId: leila.userId, itemId: items.Fajr ?? '' }])).toEqual([])
  expect(await visibleDeedsOfOwners(undeclared, budi.userId, [leila.userId])).toEqual([])
  expect(await visibleDeedsOfOwners(undeclared.reading([leila.userId]), budi.userId, [leila.userId])).toHaveLength(1)
  // Under another owner's id the row is not found, though it is shared.
  const loaders = world.loadersOf(budi)
  expect(await loaders.deedItem.load({ ownerId: budi.userId, itemId: items.Fajr ?? '' })).toBeNull()
  expect(await loaders.deed.load({ ownerId: budi.userId, deedId })).toBeNull()
  expect(await loaders.deedsOfOwner.load(budi.userId)).toEqual([])
})

test('SHA-8 what a viewer sees is what it would be had the rest never been', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const shapes = fc.record({
    // The place of each item's parent among those before it, or the top.
    parents: fc.tuple(...names.map((_, place) => fc.option(fc.nat({ max: Math.max(0, place - 1) })))),
    granted: fc.constantFrom(...names),
    secret: fc.option(fc.constantFrom(...names)),
  })
  await fc.assert(
    fc.asyncProperty(shapes, async ({ parents, granted, secret }) => {
      const parentOf = (place: number) => (place === 0 ? null : (parents[place] ?? null))
      const inputOf = (place: number, isKept: (name: string) => boolean): object[] => {
        const children = names.flatMap((_, child) => (parentOf(child) === place ? inputOf(child, isKept) : []))
        const name = names[place] ?? ''
        return isKept(name) ? [{ name, isPrivate: name === secret && name !== granted, children }] : children
      }
      const grow = (isKept: (name: string) => boolean) =>
        names.flatMap((_, place) => (parentOf(place) === null ? inputOf(place, isKept) : []))
      const seenIn = async (items: object[]) => {
        const owner = await world.newPerson(crypto.randomUUID())
        const viewer = await world.newPerson(crypto.randomUUID())
        const made = await newDeed({ name: 'Deed', description: 'Hidden', items }, owner)
        await world.befriend(owner, viewer)
        await world.grant(owner, viewer, made.items[granted] ?? '')
        const loaders = world.loadersOf(viewer)
        const [deed] = await loaders.deedsOfOwner.load(owner.userId)
        const tree = await loaders.itemTree.load({ ownerId: owner.userId, deedId: made.deedId })
        const nameOf = new Map(tree?.items.map((item) => [item.itemId, item.name]))
        const { name, category, displayOrder, version, description } = deed ?? {}
        return {
          deed: { name, category, displayOrder, version, description },
          items: tree?.items.map((item) => ({
            ...standing(item),
            parentId: nameOf.get(item.parentId ?? '') ?? null,
            isPrivate: item.isPrivate,
          })),
        }
      }
      // What is shared: from the granted item down, without the private one and what is below it.
      const isShared = (name: string): boolean => {
        if (name === secret && name !== granted) return false
        const parent = parentOf(names.indexOf(name))
        return name === granted || (parent !== null && isShared(names[parent] ?? ''))
      }
      expect(await seenIn(grow(() => true))).toEqual(await seenIn(grow(isShared)))
    }),
    { numRuns: 12 },
  )
})
