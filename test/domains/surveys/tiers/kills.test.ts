import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { KyselyPlugin } from 'kysely'
import { type MovingTools, moveScan } from '../../../../src/domains/surveys/tiers/moving.ts'
import type { Database } from '../../../../src/platform/database/types.ts'
import type { ObjectStore } from '../../../../src/platform/objects/objects.ts'
import type { TestPerson } from '../../../support/people.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { type PointsScan, type TiersWorld, tiersWorld } from './tiers-world.ts'

/** Lets so many steps happen, then ends whatever comes. A step is what lies before, or after, a statement or something done to an object. */
function killer(steps: number) {
  let left = steps
  const step = () => {
    if (left-- <= 0) throw new Error('killed')
  }
  const around = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    step()
    const result = await work()
    step()
    return result
  }
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      step()
      return node
    },
    async transformResult({ result }) {
      step()
      return result
    },
  }
  return {
    wrap: (db: Database) => db.withPlugin(plugin),
    around: (store: ObjectStore): ObjectStore => ({
      ...store,
      put: (...given) => around(() => store.put(...given)),
      async get(...given) {
        step()
        const content = await store.get(...given)
        try {
          step()
        } catch (error) {
          content.destroy()
          throw error
        }
        return content
      },
      delete: (...given) => around(() => store.delete(...given)),
    }),
  }
}

describeWithPostgis('a move of points', () => {
  let world: TiersWorld
  let leila: TestPerson
  beforeAll(async () => {
    world = await tiersWorld()
    leila = await world.newPerson('Leila')
  }, 60_000)
  afterAll(() => world.stop())

  async function newMove(scan: PointsScan, kind: 'archive' | 'restore') {
    const [row] = await world.sql(
      `insert into scan_moves (user_id, project_id, scan_id, kind, bytes) values ($1, $2, $3, $4, $5) returning scan_move_id`,
      scan.ownerId,
      scan.projectId,
      scan.scanId,
      kind,
      scan.file.length,
    )
    return { ownerId: scan.ownerId, scanMoveId: String(row?.scan_move_id) }
  }
  const statusOf = async ({ scanMoveId }: { scanMoveId: string }) =>
    (await world.sql('select status from scan_moves where scan_move_id = $1', scanMoveId))[0]?.status

  /** Does the work, killed after 0, 1, 2 ... steps and begun again each time, until it ends by itself. Answers how often it was killed. */
  async function doneInSpiteOfKills(key: { ownerId: string; scanMoveId: string }, check: () => Promise<void>) {
    for (let steps = 0; ; steps += 1) {
      const { wrap, around } = killer(steps)
      const stores = { objects: around(world.hot), coldObjects: around(world.cold) }
      const error = await world
        .withTools((tools) => moveScan(key, tools), { stores, wrap })
        .catch((thrown: Error) => thrown)
      await check()
      if (error === undefined) return steps
      expect(error.message).toBe('killed')
    }
  }

  test.each(['archive', 'restore'] as const)(
    'SUR-1 %s: killed at any step and done again, it leaves exactly one copy in the right tier, and until then the points are whole',
    async (kind) => {
      const owner = await world.newPerson('Owner')
      const points = await world.newPoints(owner, await world.surveys.newProject(owner))
      if (kind === 'restore') await world.withTools(async (tools) => moveScan(await newMove(points, 'archive'), tools))
      const key = await newMove(points, kind)
      const kills = await doneInSpiteOfKills(key, async () => {
        expect((await world.whereIs(points)).isWhole).toBe(true)
      })
      expect(kills).toBeGreaterThan(20)
      const after = kind === 'archive' ? { tier: 'cold', hot: 0, cold: 1 } : { tier: 'hot', hot: 1, cold: 0 }
      expect(await world.whereIs(points)).toEqual({ ...after, isWhole: true })
      expect(await statusOf(key)).toBe('succeeded')
    },
  )

  test('two workers that do the same move at once do no harm, wherever the slower one wakes up', async () => {
    let woken = true
    let steps = 0
    for (; woken; steps += 1) {
      const owner = await world.newPerson('Owner')
      const points = await world.newPoints(owner, await world.surveys.newProject(owner))
      const key = await newMove(points, 'archive')
      // Until the other one has done it all, and the points were brought back.
      const slow = sleeper(steps, async () => {
        await world.withTools((tools) => moveScan(key, tools))
        await world.withTools(async (tools) => moveScan(await newMove(points, 'restore'), tools))
      })
      const stores = { objects: slow.around(world.hot), coldObjects: slow.around(world.cold) }
      await world.withTools((tools) => moveScan(key, tools), { stores })
      woken = slow.hasSlept()
      const after = woken ? { tier: 'hot', hot: 1, cold: 0 } : { tier: 'cold', hot: 0, cold: 1 }
      expect({ steps, ...(await world.whereIs(points)) }).toEqual({ steps, ...after, isWhole: true })
      expect(await statusOf(key)).toBe('succeeded')
    }
    expect(steps).toBeGreaterThan(4)
  })

  test('what failed meanwhile is not done after all', async () => {
    const owner = await world.newPerson('Owner')
    const points = await world.newPoints(owner, await world.surveys.newProject(owner))
    const key = await newMove(points, 'archive')
    // Before the copy is read again.
    const slow = sleeper(2, async () => {
      await world.sql(
        "update scan_moves set status = 'failed', finished_at = now(), error = 'lost' where scan_move_id = $1",
        key.scanMoveId,
      )
    })
    const stores = { objects: slow.around(world.hot), coldObjects: slow.around(world.cold) }
    await world.withTools((tools) => moveScan(key, tools), { stores })
    expect(slow.hasSlept()).toBe(true)
    expect(await world.whereIs(points)).toEqual({ tier: 'hot', isWhole: true, hot: 1, cold: 0 })
    expect(await statusOf(key)).toBe('failed')
  })

  test('a copy that is not what was written is not taken, and the points stay', async () => {
    const points = await world.newPoints(leila, await world.surveys.newProject(leila))
    const key = await newMove(points, 'archive')
    const liar: ObjectStore = {
      ...world.cold,
      get: async () => Readable.from([Buffer.from('something else')]),
    }
    const before = await world.keysOf(world.cold, leila.userId)
    await world.withTools((tools) => moveScan(key, tools), { stores: { objects: world.hot, coldObjects: liar } })
    expect(await statusOf(key)).toBe('failed')
    expect(await world.whereIs(points)).toMatchObject({ tier: 'hot', isWhole: true })
    expect(await world.keysOf(world.cold, leila.userId)).toEqual(before)
  })

  test('a worker that is to end stops, and leaves the rest to the next one', async () => {
    const points = await world.newPoints(leila, await world.surveys.newProject(leila))
    const key = await newMove(points, 'archive')
    const ending = AbortSignal.abort(new Error('the worker ends'))
    const stopped = world.withTools((tools: MovingTools) => moveScan(key, { ...tools, signal: ending }))
    await expect(stopped).rejects.toThrow()
    expect([await statusOf(key), (await world.whereIs(points)).tier]).toEqual(['running', 'hot'])
    await world.withTools((tools) => moveScan(key, tools))
    expect([await statusOf(key), (await world.whereIs(points)).tier]).toEqual(['succeeded', 'cold'])
  })
})

/** Stops once, before it does something to an object after so many others, for as long as `meanwhile` takes. */
function sleeper(steps: number, meanwhile: () => Promise<void>) {
  let left = steps
  const around = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (left-- === 0) await meanwhile()
    return work()
  }
  return {
    hasSlept: () => left < 0,
    around: (store: ObjectStore): ObjectStore => ({
      ...store,
      put: (...given) => around(() => store.put(...given)),
      get: (...given) => around(() => store.get(...given)),
      delete: (...given) => around(() => store.delete(...given)),
    }),
  }
}
