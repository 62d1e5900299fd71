import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedIdOf } from '../../support/deeds.ts'

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

/** Asks as `as` for more items of a deed. */
export const createItems = (world: DeedsWorld, as: Viewer, input: object) => world.ask(as, CREATE, { input })

/** Asks as `as` for a change of an item. */
export const updateItem = (world: DeedsWorld, as: Viewer, input: object) => world.ask(as, UPDATE, { input })

/** Asks as `as` for an item to stand elsewhere. */
export const moveItem = (world: DeedsWorld, as: Viewer, input: object) => world.ask(as, MOVE, { input })

/** A counted deed, and the global ids of its items by name. */
export async function newTree(
  world: DeedsWorld,
  owner: Viewer,
  name: string,
  items: object[],
): Promise<{ id: string; items: Record<string, string> }> {
  const input = { category: 'HASANAAT', measure: 'COUNT', name, items }
  const { data } = await world.ask(owner, CREATE_DEED, { input })
  const { id, itemTree } = data.createDeed.deed
  return { id, items: Object.fromEntries(itemTree.map((item: { id: string; name: string }) => [item.name, item.id])) }
}

/** Prayer: Fajr > (Sunnah, Fard), Isha > Witr. */
export const newPrayers = (world: DeedsWorld, owner: Viewer) =>
  newTree(world, owner, 'Prayer', [
    { name: 'Fajr', children: [{ name: 'Sunnah' }, { name: 'Fard' }] },
    { name: 'Isha', children: [{ name: 'Witr' }] },
  ])

/** A line of items, each below the one before. */
export const line = (...names: string[]): object[] =>
  names.reduceRight<object[]>((children, name) => [{ name, children }], [])

/** The tree as stored, an item a line: its path, without what was deleted. */
export async function outline(world: DeedsWorld, owner: Viewer, deedId: string): Promise<string[]> {
  const tree = await world.loadersOf(owner).itemTree.load({ ownerId: owner.userId, deedId: deedIdOf(deedId) })
  return (tree?.items ?? []).map(
    (item) =>
      tree
        ?.pathTo(item.itemId)
        .map(({ name }) => name)
        .join('/') ?? '',
  )
}
