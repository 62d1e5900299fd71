import type { DeedItemRow } from '../../../src/domains/deeds/queries.ts'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { type DeedsWorld, deedIdOf, itemIdOf } from '../../support/deeds.ts'

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) { createDeed(input: $input) { deed { id itemTree { id name } } } }`

/** A deed that was made. */
export interface Made {
  id: string
  deedId: string
  /** Ids in the database by name. */
  items: Record<string, string>
}

/** A deed of good deeds, counted, unless the input says otherwise. */
export async function newDeedOf(world: DeedsWorld, owner: Viewer, input: object): Promise<Made> {
  const answer = await world.ask(owner, CREATE_DEED, { input: { category: 'HASANAAT', measure: 'COUNT', ...input } })
  const { id, itemTree } = answer.data.createDeed.deed
  const items = itemTree.map((item: { id: string; name: string }) => [item.name, itemIdOf(item.id)])
  return { id, deedId: deedIdOf(id), items: Object.fromEntries(items) }
}

/** Prayer: Fajr > (Sunnah > Two, Fard), Isha. */
export const newPrayersOf = (world: DeedsWorld, owner: Viewer, more: object = {}) =>
  newDeedOf(world, owner, {
    name: 'Prayer',
    description: 'Mine alone',
    items: [
      { name: 'Fajr', children: [{ name: 'Sunnah', children: [{ name: 'Two' }] }, { name: 'Fard' }] },
      { name: 'Isha' },
    ],
    ...more,
  })

/** Where an item stands, as the viewer is told. */
export const standing = ({ name, parentId, level, displayOrder }: DeedItemRow) => ({
  name,
  parentId,
  level,
  displayOrder,
})
