// Leila and Budi, who sees what she grants of her prayers: two of their own for each test.
import type { Sharer, SharingWorld } from '../../support/sharing.ts'

export type LeilaAndBudi = Awaited<ReturnType<typeof leilaAndBudi>>

export async function leilaAndBudi(world: SharingWorld) {
  const leila = await world.newPerson('Leila')
  const budi = await world.newPerson('Budi')
  const relationId = await world.befriend(budi, leila)
  return {
    leila,
    budi,
    /** Leila's side of the relation in which Budi sees what she grants. */
    relationId,
    items: await world.prayers(leila),
    /** Of Leila's items, those that somebody sees. */
    async namesSeen(viewer: Sharer): Promise<string[]> {
      const { data } = await world.ask(viewer, 'query ($id: ID!) { user(id: $id) { deeds { itemTree { name } } } }', {
        id: leila.globalId,
      })
      return (data.user?.deeds ?? []).flatMap((deed: { itemTree: { name: string }[] }) =>
        deed.itemTree.map(({ name }) => name),
      )
    },
    record: (as: Sharer, itemId: string, input: object = {}) =>
      world.send(as, 'recordEntry', 'entry { id count notes recordedBy { id } version }', {
        itemId,
        count: '1',
        ...input,
      }),
    /** Grants Budi one item, to read if nothing else is said, and answers the permission. */
    grantOne: async (itemId: string, input: object = {}) =>
      (await world.grant(leila, relationId, [{ itemId, type: 'READ', ...input }])).data.answer.permissions[0],
  }
}
