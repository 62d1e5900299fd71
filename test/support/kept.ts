import { expect } from '@jest/globals'
import type { Config } from '../../src/config.ts'
import { type Executed, startService } from './service.ts'
import { type Sharer, sharingWorld } from './sharing.ts'

/** All that somebody may be shown of a person, but what is never kept. */
export const diary = `query Diary($id: ID!) { user(id: $id) {
  fullName username today
  deeds { id name itemCount itemTree { id name parentId level isPrivate version latestEntry { date count notes }
    streak { current { length } } } }
  dashboard { from to isPartial totals { category entryCount } items { item { id name } countTotal } series { points { date entryCount } } }
  entries(first: 50) { totalCount nodes { id date count notes item { name path { name } } } }
} }`

/** What a person alone sees of their goals. */
export const goals = `{ me { merits { nodes { title completedOn isSealed progress { ratio asOf items { value contributions { totalCount } } } } } } }`

export type KeptWorld = Awaited<ReturnType<typeof keptWorld>>

/** A service that keeps answers, people who share, and a service on the same database that keeps none, to compare with. */
export async function keptWorld(config: Partial<Config> = {}) {
  const world = await sharingWorld({ config: { cache: true, ...config } })
  const { database, app } = world.service
  const plain = await startService({ database })
  const stats = () => {
    const found = app.cache?.stats()
    if (!found) throw new Error('nothing is kept')
    return found
  }
  return {
    ...world,
    stats,
    /** What is answered without anything kept. */
    uncached: async (as: Sharer, query: string, variables: Record<string, unknown> = {}) =>
      answerOf(await plain.execute(query, variables, { as })),
    cached: async (as: Sharer, query: string, variables: Record<string, unknown> = {}) =>
      answerOf(await world.ask(as, query, variables)),
    /** Sends it, and expects to be told that it was done. */
    async done(sent: Promise<Executed>) {
      const { data, errors } = await sent
      expect(errors).toBeUndefined()
      return data.answer
    },
    async stop() {
      await plain.stop()
      await world.stop()
    },
  }
}

/** What a client is told, without the request's own id. */
function answerOf({ data, errors, response }: Executed) {
  return {
    status: response.statusCode,
    data,
    errors: errors?.map(({ message, path, extensions }) => [message, path, extensions.code]),
  }
}

/** Leila, who shares Fajr with Maryam: the read permission's id, items by name. */
export async function sharedDiary(world: KeptWorld) {
  const leila = await world.newPerson('Leila')
  const maryam = await world.newPerson('Maryam')
  const items = await world.prayers(leila)
  const relationId = await world.befriend(maryam, leila)
  const record = (as: Sharer, itemId: string, fields: object) =>
    world.send(as, 'recordEntry', 'status entry { id }', { itemId, ...fields })
  const { entry } = await world.done(record(leila, items.Sunnah, { count: '2', notes: 'early' }))
  const [granted] = (
    await world.done(world.grant(leila, relationId, [{ itemId: items.Fajr, type: 'WRITE', sharesNotes: true }]))
  ).permissions
  return { leila, maryam, items, relationId, permissionId: granted.id as string, entryId: entry.id as string, record }
}
