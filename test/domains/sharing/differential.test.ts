import { afterAll, beforeAll, test } from '@jest/globals'
import fc from 'fast-check'
import { newWorld, type World } from '../../db/world.ts'
import { startService, type TestService } from '../../support/service.ts'
import { anyFilter, orders } from './model/filters.ts'
import { expectAsModelled, lookers, rowsNow, zoneAtNoon } from './model/looking.ts'
import { anyStep, newScene, take } from './model/steps.ts'

let world: World
let service: TestService
beforeAll(async () => {
  world = await newWorld()
  service = await startService({ database: world.database, limits: { cost: 1e9, viewerCostPerMinute: 1e12 } })
})
afterAll(async () => {
  await service.stop()
  await world.stop()
})

test('SHA-8 after any steps, every answer about another is exactly what the plain model says', async () => {
  const filters = fc.array(fc.tuple(anyFilter, fc.constantFrom(...orders)), { minLength: 2, maxLength: 2 })
  const steps = fc.array(fc.tuple(anyStep, fc.nat({ max: 5 }), filters), { maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const scene = await newScene(world, zoneAtNoon())
      const pairs = lookers(scene)
      const friends = pairs.filter(([viewer]) => viewer !== scene.people.at(-1))
      for (const [step, looker, filters] of steps) {
        await take(world, scene, step)
        const pair = friends[looker % friends.length]
        if (pair) await expectAsModelled(service, pair, await rowsNow(service, scene), filters)
      }
      const rows = await rowsNow(service, scene)
      for (const pair of pairs) await expectAsModelled(service, pair, rows, [[{}, 'DATE_DESC']])
    }),
    { numRuns: 5, interruptAfterTimeLimit: 60_000 },
  )
}, 120_000)
